import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from './listen.ts';

interface ScriptedObject {
  readonly key: string;
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: number;
}

interface S3Request {
  readonly operation: 'list' | 'get' | 'head';
  /** The key of an object, or the prefix of a listing. */
  readonly key: string;
  readonly range: string | undefined;
  readonly ifMatch: string | undefined;
  readonly query: URLSearchParams;
}

/** What goes wrong with one request. */
type S3Fault =
  | { readonly status: number; readonly code: string; readonly retryAfter?: string }
  /** The connection breaks after this many bytes of the body. */
  | { readonly cutAfter: number }
  /** The body arrives in pieces of this many bytes, with a pause between them. */
  | { readonly pieces: number; readonly waitMs: number }
  | 'reset';

/** A page of a listing before it is written as XML. */
interface ScriptedPage {
  more: boolean | undefined;
  token: string | undefined;
  /** `Contents` and `CommonPrefixes`, as XML. */
  items: string[];
}

/** The reply to a GET or HEAD before it is sent. */
interface ScriptedReply {
  status: number;
  readonly headers: Record<string, string | number>;
  body: Buffer;
}

export interface ScriptedS3 {
  readonly url: string;
  /** The time in `Date`. */
  now: number;
  /** Every request so far. */
  readonly requests: S3Request[];
  /** Called for each request; returns undefined when nothing goes wrong. */
  fault: (request: S3Request) => S3Fault | undefined;
  /** Refuses requests that the SDK did not send; the SDK's own have a number. */
  onlySdk: boolean;
  /** Objects per page. */
  pageSize: number;
  /** Changes a page of a listing. */
  turn: (page: ScriptedPage, request: S3Request) => void;
  /** Changes the reply to a GET or HEAD. */
  reply: (reply: ScriptedReply, request: S3Request) => void;
  /** How listings and replies write an ETag. */
  etag: (etag: string, where: S3Request['operation']) => string | undefined;
  /** Whether a condition holds; by strong comparison (RFC 9110) unless a test needs a server with its own rule. */
  matches: (ifMatch: string, etag: string | undefined) => boolean;
  /** Whether listings support `encoding-type=url`. */
  encodes: boolean;
  /** The order of listings; by bytes unless a test needs a server with its own order. */
  compare: (a: string, b: string) => number;
  put(key: string, body: string | Buffer, modified?: number): ScriptedObject;
  remove(key: string): void;
  close(): Promise<void>;
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** One bucket, in path style, that behaves as the test says: for behavior that a real server cannot be asked for. */
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
  const port = await listen(server);

  const self: ScriptedS3 = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    now: Date.parse('2026-03-01T00:00:00Z'),
    requests: [],
    fault: () => undefined,
    onlySdk: false,
    pageSize: 1_000,
    turn: () => undefined,
    reply: () => undefined,
    etag: (etag) => `"${etag}"`,
    matches: (ifMatch, etag) => ifMatch === etag && !ifMatch.startsWith('W/'),
    encodes: true,
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
    // From the raw URL: parsing would resolve `..`.
    const path = decodeURIComponent((incoming.url ?? '').split('?', 1)[0] ?? '').slice(bucket.length + 2);
    const listing = url.searchParams.has('list-type');
    const request: S3Request = {
      operation: listing ? 'list' : incoming.method === 'HEAD' ? 'head' : 'get',
      key: listing ? (url.searchParams.get('prefix') ?? '') : path,
      range: incoming.headers.range,
      ifMatch: incoming.headers['if-match'],
      query: url.searchParams,
    };
    if (self.onlySdk && incoming.headers['amz-sdk-invocation-id'] === undefined) {
      refuse(response, 400, 'InvalidRequest');
      return;
    }
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
      response.setHeader('content-type', 'application/xml').end(list(request));
      return;
    }
    const object = objects.get(path);
    if (object === undefined) refuse(response, 404, 'NoSuchKey');
    else if (request.ifMatch !== undefined && !self.matches(request.ifMatch, self.etag(object.etag, 'get'))) {
      refuse(response, 412, 'PreconditionFailed');
    } else await send(response, request, object, fault, self);
  }

  function list(request: S3Request): string {
    const { query } = request;
    const encoded = self.encodes && query.get('encoding-type') === 'url';
    const name = (key: string): string =>
      encoded ? encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+') : escapeXml(key);
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
        items.push(`<CommonPrefixes><Prefix>${name(folder)}</Prefix></CommonPrefixes>`);
        continue;
      }
      const object = objects.get(key);
      if (object === undefined) continue;
      items.push(
        `<Contents><Key>${name(key)}</Key><LastModified>${new Date(object.modified).toISOString()}</LastModified>` +
          `${tagOf(object)}<Size>${object.body.length}</Size></Contents>`,
      );
    }
    if (folder !== '') at = skip(keys, at, folder);
    const more = at < keys.length;
    const page: ScriptedPage = { more, token: more ? String(at) : undefined, items };
    self.turn(page, request);
    return (
      '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      `<Name>${bucket}</Name>` +
      (encoded ? '<EncodingType>url</EncodingType>' : '') +
      (page.more === undefined ? '' : `<IsTruncated>${page.more}</IsTruncated>`) +
      (page.token === undefined ? '' : `<NextContinuationToken>${page.token}</NextContinuationToken>`) +
      `${page.items.join('')}</ListBucketResult>`
    );
  }
  function tagOf(object: ScriptedObject): string {
    const etag = self.etag(object.etag, 'list');
    return etag === undefined ? '' : `<ETag>${escapeXml(etag)}</ETag>`;
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
  server: ScriptedS3,
): Promise<void> {
  const start = Number(/^bytes=(\d+)-$/.exec(request.range ?? '')?.[1] ?? 0);
  const etag = server.etag(object.etag, request.operation);
  const reply: ScriptedReply = {
    status: start > 0 ? 206 : 200,
    headers: {
      ...(etag !== undefined && { etag }),
      'last-modified': new Date(object.modified).toUTCString(),
      ...(start > 0 && { 'content-range': `bytes ${start}-${object.body.length - 1}/${object.body.length}` }),
    },
    body: object.body.subarray(start),
  };
  server.reply(reply, request);
  const { status, headers, body } = reply;
  const chunked = 'transfer-encoding' in headers;
  response.writeHead(status, { ...(!chunked && { 'content-length': body.length }), ...headers });
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

/** Index of the first key after a folder. */
function skip(keys: readonly string[], from: number, folder: string): number {
  const next = keys.findIndex((key, i) => i >= from && !key.startsWith(folder));
  return next === -1 ? keys.length : next;
}
