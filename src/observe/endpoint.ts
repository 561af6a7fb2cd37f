import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bare, closed } from '../net/listening.ts';

export interface Endpoint {
  /** The address it listens on, as `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves `text` at `GET /metrics`. Rejects if it cannot listen on the address. */
export async function openEndpoint(listen: string, text: () => Promise<string>): Promise<Endpoint> {
  const { hostname, port } = new URL(`http://${listen}`);
  const server = createServer((request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404).end('see /metrics\n');
      return;
    }
    text().then(
      (body) =>
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(Number(port || 80), bare(hostname), () => {
      server.off('error', reject).on('error', () => undefined);
      resolve();
    });
  });
  // An open connection must not keep a finished run alive.
  server.unref();
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    address: `${address}:${bound}`,
    close: () => closed(server),
  };
}
