import { createServer, request } from 'node:http';
import { listen } from '../scripted/listen.ts';

export interface OnlySdk {
  readonly url: string;
  /** Requests for an object that were refused. */
  readonly refused: number;
  close(): Promise<void>;
}

/**
 * A proxy in front of a real server that forwards the SDK's requests and refuses those signed without it, so that
 * everything is read the fallback way. It recognizes the SDK by the number it gives to each request.
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
