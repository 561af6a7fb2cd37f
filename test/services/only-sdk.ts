import { createServer, request } from 'node:http';
import { listen } from '../scripted/listen.ts';

export interface OnlySdk {
  readonly url: string;
  /** Requests for an object that were turned away. */
  readonly refused: number;
  close(): Promise<void>;
}

/**
 * In front of a real server: gives it what the SDK sends and turns away what was signed without the SDK, so that all is
 * read by the way back. The SDK numbers its requests, which nobody else does.
 */
export async function onlySdk(target: string): Promise<OnlySdk> {
  const { hostname, port } = new URL(target);
  let refused = 0;
  const server = createServer((incoming, response) => {
    const { method = 'GET', url: path = '/', headers, rawHeaders } = incoming;
    if (method === 'GET' && headers['amz-sdk-invocation-id'] === undefined) {
      refused += 1;
      response.writeHead(400).end();
      return;
    }
    const forwarded = request({ hostname, port, method, path, headers: rawHeaders }, (reply) => {
      response.writeHead(reply.statusCode ?? 500, reply.rawHeaders);
      reply.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    incoming.pipe(forwarded);
  });
  const own = await listen(server);
  return {
    url: `http://127.0.0.1:${own}`,
    get refused() {
      return refused;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };
}
