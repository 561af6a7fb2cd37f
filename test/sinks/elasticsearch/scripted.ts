import http from 'node:http';
import https from 'node:https';
import { gunzipSync } from 'node:zlib';
import { listen } from '../../scripted/listen.ts';

/** What the scripted server does with a request: a reply, or a connection failure. */
export type Step =
  | {
      readonly status: number;
      readonly body?: unknown;
      /** Instead of a body: sent as it is. */
      readonly text?: string;
      readonly headers?: Record<string, string>;
    }
  | 'reset'
  | 'hang'
  /** A byte now and then, and never the last one. */
  | 'drip'
  /** Half a JSON text. */
  | 'garbage';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** For a bulk request: the `_id`s. */
  readonly uids: readonly string[];
}

export interface Scripted {
  readonly url: string;
  readonly seen: readonly Seen[];
  readonly bulks: () => readonly Seen[];
  readonly close: () => Promise<void>;
}

export interface Script {
  /** Answers bulk requests; `nth` counts from 0. Default: 201 for every document. */
  readonly bulk?: (request: Seen, nth: number) => Step;
  /** Answers everything else; undefined means the default: version 9.4.3, a stream with one backing index. */
  readonly other?: (request: Seen) => Step | undefined;
}

const WRITE_INDEX = '.ds-logs-stepsecurity.detection-default-2026.01.01-000001';

export const item = (status: number, over: Record<string, unknown> = {}): unknown => ({
  create: { _index: WRITE_INDEX, status, ...over },
});
export const failed = (status: number, type: string, reason = 'because'): unknown =>
  item(status, { error: { type, reason } });
export const problem = (status: number, type: string, reason = 'because'): Step => ({
  status,
  body: { error: { type, reason }, status },
});
export const all = (request: Seen, make: (uid: string) => unknown = () => item(201)): Step => ({
  status: 200,
  body: { errors: false, items: request.uids.map(make) },
});

/** What `GET /<index>` returns for an index from our template, or from another. */
export function indexMade(request: Seen, created: number, ours = true): Step {
  const index = decodeURIComponent(request.path.slice(1));
  const mappings = ours ? { _meta: { managed_by: 'stepsecurity-siem' } } : {};
  return {
    status: 200,
    body: { [index]: { settings: { index: { creation_date: String(created) } }, mappings } },
  };
}

/** The replies to `GET _data_stream` and to requests for its indices, with these backing indices, oldest first. */
export function backing(request: Seen, indices: readonly string[], created: number): Step | undefined {
  if (request.path.startsWith('/_data_stream/')) {
    const name = request.path.split('/').at(-1);
    const found = { name, indices: indices.map((index) => ({ index_name: index })) };
    return indices.length === 0
      ? problem(404, 'index_not_found_exception')
      : { status: 200, body: { data_streams: [found] } };
  }
  if (request.path.includes('/_settings')) {
    const index = decodeURIComponent(request.path.split('/')[1] ?? '');
    return { status: 200, body: { [index]: { settings: { 'index.creation_date': String(created) } } } };
  }
  return isIndex(request) ? indexMade(request, created) : undefined;
}

/** Whether the request is for an index itself. */
export const isIndex = ({ method, path }: Seen): boolean => method === 'GET' && path.startsWith('/.ds-');

/** A server on loopback that speaks as much Elasticsearch as the sink needs; over TLS with `tls`. */
export async function script(
  steps: Script = {},
  tls?: { readonly key: string; readonly cert: string },
): Promise<Scripted> {
  const seen: Seen[] = [];
  const isBulk = (request: Seen): boolean => request.path.endsWith('/_bulk');
  const answer = (request: Seen): Step => {
    if (isBulk(request)) {
      const nth = seen.filter(isBulk).length - 1;
      return steps.bulk?.(request, nth) ?? all(request);
    }
    const other = steps.other?.(request) ?? backing(request, [WRITE_INDEX], 0);
    if (other !== undefined) return other;
    if (request.path === '/')
      return { status: 200, body: { version: { number: '9.4.3', build_flavor: 'default' } } };
    if (request.path.includes('/_create/')) return { status: 201, body: { result: 'created' } };
    return problem(404, 'not_scripted');
  };
  const serve: http.RequestListener = (incoming, reply) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
      const url = new URL(incoming.url ?? '/', 'http://loopback');
      const actions = url.pathname.endsWith('/_bulk')
        ? body.split('\n').filter((_, line) => line % 2 === 0)
        : [];
      const uids = actions
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { create: { _id: string } }).create._id);
      const request: Seen = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: incoming.headers,
        body,
        uids,
      };
      seen.push(request);
      const step = answer(request);
      if (step === 'hang') return;
      if (step === 'reset') {
        incoming.socket.destroy();
        return;
      }
      const type = 'application/json';
      const product = { 'x-elastic-product': 'Elasticsearch', 'content-type': type };
      if (step === 'drip') {
        reply.writeHead(200, product);
        const timer = setInterval(() => reply.write(' '), 20);
        reply.on('close', () => clearInterval(timer));
        return;
      }
      if (step === 'garbage') {
        reply.writeHead(200, product).end('{"items":[');
        return;
      }
      reply.writeHead(step.status, { ...product, ...step.headers });
      reply.end(step.text ?? (step.body === undefined ? '' : JSON.stringify(step.body)));
    });
  };
  const server = tls === undefined ? http.createServer(serve) : https.createServer(tls, serve);
  const port = await listen(server);
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    seen,
    bulks: () => seen.filter(isBulk),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
