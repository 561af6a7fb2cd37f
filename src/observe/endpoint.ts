import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Endpoint {
  /** Where it listens, as `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Answers `GET /metrics` with what `text` gives. Rejects when it cannot listen there. */
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
    server.once('error', reject).listen(Number(port || 80), hostname.replace(/^\[|\]$/g, ''), () => {
      server.off('error', reject).on('error', () => undefined);
      resolve();
    });
  });
  // A run that is over ends, whoever is connected.
  server.unref();
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    address: `${address}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
