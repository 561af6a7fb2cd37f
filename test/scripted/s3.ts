import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

interface ScriptedObject {
  readonly key: string;
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: number;
}

interface S3Request {
  readonly operation: 'list' | 'get' | 'head';
  /** Of an object, or the prefix of a listing. */
  readonly key: string;
  readonly range: string | undefined;
  readonly ifMatch: string | undefined;
  readonly query: URLSearchParams;
}

/** What goes wrong with one request. */
type S3Fault =
  | { readonly status: number; readonly code: string; readonly retryAfter?: string }
  /** The connection breaks after so many bytes of the body. */
  | { readonly cutAfter: number }
  /** The body comes in pieces of so many bytes, with a wait between. */
  | { readonly pieces: number; readonly waitMs: number }
  | 'reset';

export interface ScriptedS3 {
  readonly url: string;
  /** What `Date` says. */
  now: number;
  /** Every request so far. */
  readonly requests: S3Request[];
  /** Asked for each request; undefined: all is well. */
  fault: (request: S3Request) => S3Fault | undefined;
  /** Objects per page. */
  pageSize: number;
  /** The order of listings; by bytes unless a test needs a server that has its own. */
  compare: (a: string, b: string) => number;
  put(key: string, body: string | Buffer, modified?: number): ScriptedObject;
  remove(key: string): void;
  close(): Promise<void>;
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** One bucket, path style, that does what a test says: for what a real server cannot be asked for. */
export async function scriptedS3(
  tls?: { readonly key: string; readonly cert: string },
  bucket = 'scripted',
): Promise<ScriptedS3> {
  const objects = new Map<string, ScriptedObject>();
  let keys: string[] | undefined;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch(() => response.destroy());
  };
  const server: Server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });

  const self: ScriptedS3 = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    now: Date.parse('2026-03-01T00:00:00Z'),
    requests: [],
    fault: () => undefined,
    pageSize: 1_000,
    compare: byBytes,
    put(key, body, modified = self.now) {
      const bytes = Buffer.from(body);
      const etag = createHash('md5').update(bytes).digest('hex');
      const object = { key, body: bytes, etag, modified: Math.floor(modified / 1_000) * 1_000 };
      objects.set(key, object);
      keys = undefined;
      return object;
    },
    remove(key) {
      objects.delete(key);
      keys = undefined;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', self.url);
    const path = decodeURIComponent(url.pathname).replace(`/${bucket}`, '').slice(1);
    const listing = url.searchParams.has('list-type');
    const request: S3Request = {
      operation: listing ? 'list' : incoming.method === 'HEAD' ? 'head' : 'get',
      key: listing ? (url.searchParams.get('prefix') ?? '') : path,
      range: incoming.headers.range,
      ifMatch: incoming.headers['if-match'],
      query: url.searchParams,
    };
    self.requests.push(request);
    response.setHeader('date', new Date(self.now).toUTCString());
    const fault = self.fault(request);
    if (fault === 'reset') {
      response.destroy();
      return;
    }
    if (fault !== undefined && 'status' in fault) {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      refuse(response, fault.status, fault.code);
      return;
    }
    if (listing) {
      response.setHeader('content-type', 'application/xml').end(list(request.query));
      return;
    }
    const object = objects.get(path);
    if (object === undefined) refuse(response, 404, 'NoSuchKey');
    else if (request.ifMatch !== undefined && request.ifMatch !== `"${object.etag}"`) {
      refuse(response, 412, 'PreconditionFailed');
    } else await send(response, request, object, fault);
  }

  function list(query: URLSearchParams): string {
    keys ??= [...objects.keys()].sort(self.compare);
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const size = Math.min(self.pageSize, Number(query.get('max-keys') ?? 1_000));
    let at = Number(query.get('continuation-token') ?? 0);
    const items: string[] = [];
    let folder = '';
    let count = 0;
    for (; at < keys.length && count < size; at++) {
      const key = keys[at] ?? '';
      if (!key.startsWith(prefix) || (folder !== '' && key.startsWith(folder))) continue;
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      count += 1;
      if (cut !== -1) {
        folder = key.slice(0, cut + 1);
        items.push(`<CommonPrefixes><Prefix>${escapeXml(folder)}</Prefix></CommonPrefixes>`);
        continue;
      }
      const object = objects.get(key);
      if (object === undefined) continue;
      items.push(
        `<Contents><Key>${escapeXml(key)}</Key><LastModified>${new Date(object.modified).toISOString()}</LastModified>` +
          `<ETag>&quot;${object.etag}&quot;</ETag><Size>${object.body.length}</Size></Contents>`,
      );
    }
    if (folder !== '') at = skip(keys, at, folder);
    const more = at < keys.length;
    return (
      '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      `<Name>${bucket}</Name><IsTruncated>${more}</IsTruncated>` +
      (more ? `<NextContinuationToken>${at}</NextContinuationToken>` : '') +
      `${items.join('')}</ListBucketResult>`
    );
  }
  return self;
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>scripted</Message></Error>`);
}

async function send(
  response: ServerResponse,
  request: S3Request,
  object: ScriptedObject,
  fault: Exclude<S3Fault, 'reset' | { status: number }> | undefined,
): Promise<void> {
  const start = Number(/^bytes=(\d+)-$/.exec(request.range ?? '')?.[1] ?? 0);
  const body = object.body.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    etag: `"${object.etag}"`,
    'content-length': body.length,
    'last-modified': new Date(object.modified).toUTCString(),
    ...(start > 0 && { 'content-range': `bytes ${start}-${object.body.length - 1}/${object.body.length}` }),
  });
  if (request.operation === 'head') response.end();
  else if (fault === undefined) response.end(body);
  else if ('cutAfter' in fault) {
    response.write(body.subarray(0, fault.cutAfter), () => response.destroy());
  } else {
    for (let at = 0; at < body.length && !response.destroyed; at += fault.pieces) {
      response.write(body.subarray(at, at + fault.pieces));
      await sleep(fault.waitMs);
    }
    response.end();
  }
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Index of the first key behind a folder. */
function skip(keys: readonly string[], from: number, folder: string): number {
  const next = keys.findIndex((key, i) => i >= from && !key.startsWith(folder));
  return next === -1 ? keys.length : next;
}
