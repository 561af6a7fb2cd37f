import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ConnectProxy {
  readonly url: string;
  /** The `host:port` of each CONNECT, in order. */
  readonly tunnels: string[];
  /** The last `Proxy-Authorization` received. */
  authorization: string | undefined;
  /** When set, every CONNECT is answered with this status. */
  refusal: number | undefined;
  close(): Promise<void>;
}

/** An HTTP proxy on loopback that tunnels every host to `127.0.0.1`, so that host names need no DNS. */
export async function connectProxy(): Promise<ConnectProxy> {
  const sockets = new Set<Socket>();
  const server = createServer();
  const proxy: ConnectProxy = {
    url: '',
    tunnels: [],
    authorization: undefined,
    refusal: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, socket, head) => {
    proxy.authorization = request.headers['proxy-authorization'];
    proxy.tunnels.push(request.url ?? '');
    if (proxy.refusal !== undefined) {
      socket.end(`HTTP/1.1 ${proxy.refusal} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return Object.assign(proxy, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
