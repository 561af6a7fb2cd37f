import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { listen } from './listen.ts';

interface Received {
  readonly path: string;
  readonly contentType: string | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

export interface Receiver {
  readonly url: string;
  readonly requests: readonly Received[];
  readonly close: () => Promise<void>;
}

/** Accepts requests on loopback and answers with a status, or never. */
export async function receiver(answer: number | 'hang' = 200): Promise<Receiver> {
  const requests: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const sent = Buffer.concat(chunks);
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      requests.push({ path, contentType: headers['content-type'], headers, body });
      if (answer !== 'hang') response.writeHead(answer).end();
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
