import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { listen } from '../scripted/listen.ts';

/** What happens to the next PUT: its reply is lost after the write, or before; or it is answered with an error. */
type Fault = 'lose-reply' | 'lose-request' | { readonly status: number; readonly code: string };

export interface ScriptedS3 {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  /** One is used up for each PUT whose key matches. */
  readonly faults: { readonly key: RegExp; readonly fault: Fault }[];
  /** `PUT /bucket/key` and so on, in order. */
  readonly requests: string[];
  /** What a listing says about further pages, as XML. */
  turn: () => string;
  close(): Promise<void>;
}

const etag = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

/** As much of S3 as state needs, in memory, for behavior that a real server cannot be asked for. */
export async function scriptedS3(tls?: { readonly key: string; readonly cert: string }): Promise<ScriptedS3> {
  const objects = new Map<string, Buffer>();
  const faults: { key: RegExp; fault: Fault }[] = [];
  const requests: string[] = [];

  const refuse = (response: ServerResponse, status: number, code: string): void => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<Error><Code>${code}</Code><Message>scripted</Message></Error>`);
  };
  const put = (request: IncomingMessage, response: ServerResponse, key: string, body: Buffer): void => {
    const at = faults.findIndex((entry) => entry.key.test(key));
    const fault = at === -1 ? undefined : faults.splice(at, 1)[0]?.fault;
    if (fault === 'lose-request') {
      request.socket.destroy();
      return;
    }
    if (typeof fault === 'object') return refuse(response, fault.status, fault.code);
    const current = objects.get(key);
    const { 'if-match': match, 'if-none-match': none } = request.headers;
    if (match !== undefined && current === undefined) return refuse(response, 404, 'NoSuchKey');
    if (match !== undefined && current && match !== etag(current))
      return refuse(response, 412, 'PreconditionFailed');
    if (none === '*' && current) return refuse(response, 412, 'PreconditionFailed');
    objects.set(key, body);
    if (fault === 'lose-reply') {
      request.socket.destroy();
      return;
    }
    response.writeHead(200, { etag: etag(body) }).end();
  };
  const list = (response: ServerResponse, prefix: string): void => {
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(`<ListBucketResult>${self.turn()}${contents}</ListBucketResult>`);
  };
  const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const url = new URL(request.url ?? '/', 'http://s3');
    const key = url.pathname.split('/').slice(2).join('/');
    requests.push(`${request.method} ${url.pathname}`);
    if (request.method === 'PUT') return put(request, response, key, body);
    if (request.method === 'DELETE') {
      objects.delete(key);
      response.writeHead(204).end();
      return;
    }
    if (url.searchParams.has('list-type')) return list(response, url.searchParams.get('prefix') ?? '');
    const found = objects.get(key);
    if (found === undefined) return refuse(response, 404, 'NoSuchKey');
    response.writeHead(200, { etag: etag(found), 'content-length': found.length });
    response.end(found);
  };

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  };
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  const port = await listen(server);
  const self: ScriptedS3 = {
    endpoint: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    objects,
    faults,
    requests,
    turn: () => '<IsTruncated>false</IsTruncated>',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return self;
}
