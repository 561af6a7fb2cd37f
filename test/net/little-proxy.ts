import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Pair } from './tls-servers.ts';

export interface LittleProxy {
  readonly url: string;
  /** What it was asked for: `GET http://host/path`, `CONNECT host:port`. */
  readonly asked: string[];
  readonly authorizations: (string | undefined)[];
  /** Connections it accepted. */
  connections: number;
  /** When set, every request is answered with this status. */
  refusal: number | undefined;
  close(): Promise<void>;
}

/**
 * A forward proxy as strict as common ones: a request in origin form gets a 400, since it does not name its host. Every
 * host is on loopback, so that names need no DNS.
 */
export async function littleProxy(pair?: Pair): Promise<LittleProxy> {
  const sockets = new Set<Duplex>();
  const server: Server = pair === undefined ? createServer() : (createSecure({ ...pair }) as Server);
  const proxy: LittleProxy = {
    url: '',
    asked: [],
    authorizations: [],
    connections: 0,
    refusal: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  const note = ({ method, url, headers }: IncomingMessage): void => {
    proxy.asked.push(`${method} ${url}`);
    proxy.authorizations.push(headers['proxy-authorization']);
  };
  server.on(pair === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    proxy.connections += 1;
    sockets.add(socket);
  });
  server.on('request', (asked, reply) => {
    note(asked);
    const url = asked.url ?? '';
    if (proxy.refusal !== undefined || !url.startsWith('http://')) {
      asked.resume();
      reply.writeHead(proxy.refusal ?? 400, { 'content-type': 'text/html' }).end('<html>no</html>');
      return;
    }
    const { pathname, search, port } = new URL(url);
    const { 'proxy-authorization': _, ...headers } = asked.headers;
    const onward = request(
      { host: '127.0.0.1', port: port || 80, method: asked.method, path: pathname + search, headers },
      (answer) => {
        reply.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(reply);
      },
    );
    onward.on('error', () => reply.writeHead(502).end());
    asked.pipe(onward);
  });
  server.on('connect', (asked, socket, head) => {
    note(asked);
    if (proxy.refusal !== undefined) {
      socket.end(`HTTP/1.1 ${proxy.refusal} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(Number(asked.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, { url: `${pair === undefined ? 'http' : 'https'}://127.0.0.1:${port}` });
}
