import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { JsonObject } from '../../src/contracts/types.ts';
import { listen } from './listen.ts';

/** One request as it arrived. */
interface ApiRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string;
}

/** What goes wrong with one answer. */
export type ApiFault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** The right answer, broken off in the middle, with a `Content-Length` or chunked. */
  | 'truncated'
  | 'truncated_chunked'
  | 'reset'
  | 'bad_gzip'
  /** The right page, with the token from the request again. */
  | 'stuck_token'
  /** The first page again, under a fresh token. */
  | 'first_page';

/**
 * The StepSecurity API as its documentation describes it: paths, required query values, `Authorization: Bearer`,
 * envelope, `null` when empty, `limit` 1..1000, opaque tokens valid for the same filters only, no order, rows rewritten
 * in place.
 */
export interface StepSecurityApi {
  readonly url: string;
  readonly requests: ApiRequest[];
  /** Requests that the documentation does not allow. */
  readonly violations: string[];
  /** Rows of detection lists that were sent in complete answers, in order. */
  readonly served: { readonly row: JsonObject; readonly status: string }[];
  /** Accepted keys. */
  readonly keys: Set<string>;
  /** Inserts or rewrites the row (`owner`, `workflow_id`, `detection`), which moves to the end of its list. */
  put(row: JsonObject, status?: string): void;
  remove(row: JsonObject): void;
  readonly evaluations: JsonObject[];
  /** Threat intelligence, the same for all owners, and the compromised components of each incident by its id. */
  readonly incidents: JsonObject[];
  readonly components: Map<string, JsonObject[]>;
  /** Run documents by `owner/repo/id`. */
  readonly runs: Map<string, JsonObject>;
  /** Organizations by tenant. */
  readonly customers: Map<string, string[]>;
  /** Owners the key may not see. */
  readonly forbidden: Set<string>;
  /** Called before each answer; may change the table. */
  onRequest: (request: ApiRequest) => ApiFault | undefined | void;
  /** Refuses all tokens given so far. */
  expireTokens(): void;
  close(): Promise<void>;
}

export const STATUSES = ['new', 'suppressed', 'resolved'];
const SEGMENT = '([^/]+)';
const route = (pattern: string) => new RegExp(`^${pattern.replaceAll('{}', SEGMENT)}$`);
const ROUTES = {
  tenant: route('/v1/github/customers/{}/actions/detections'),
  detections: route('/v1/github/{}/actions/detections'),
  evaluations: route('/v1/github/{}/actions/run-policy-evaluations'),
  organizations: route('/v1/{}/github/organizations'),
  incidents: route('/v1/github/{}/threat-intel/incidents'),
  components: route('/v1/github/{}/threat-intel/incidents/{}/compromised-components'),
  run: route('/v1/github/{}/{}/actions/runs/{}'),
};

interface Stored {
  readonly row: JsonObject;
  readonly status: string;
  /** Position in every list; a rewrite gets a new one. */
  readonly place: number;
}

export async function startApi(key: string): Promise<StepSecurityApi> {
  const table = new Map<string, Stored>();
  let place = 0;
  let epoch = 0;
  const idOf = (row: JsonObject) => JSON.stringify([row.owner, row.workflow_id, row.detection]);

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://api');
    const seen: ApiRequest = {
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      authorization: request.headers.authorization ?? '',
    };
    api.requests.push(seen);
    const violation = violationOf(request, seen);
    if (violation !== undefined) api.violations.push(violation);
    const fault = api.onRequest(seen) ?? undefined;
    if (fault === 'reset') return void request.socket.destroy();
    if (fault === 'bad_gzip') {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      return void response.end(gzipSync('{"data":{"detections":null}}').subarray(0, 20));
    }
    if (typeof fault === 'object')
      return send(response, fault.status, fault.body ?? '{"error":"scripted"}', fault.headers);
    const [status, body] = answer(seen, fault);
    const text = JSON.stringify(body);
    if (fault === 'truncated' || fault === 'truncated_chunked') {
      response.writeHead(200, {
        'content-type': 'application/json',
        ...(fault === 'truncated' && { 'content-length': Buffer.byteLength(text) }),
      });
      response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
      return;
    }
    send(
      response,
      status,
      text,
      request.headers['accept-encoding']?.includes('gzip') ? { 'content-encoding': 'gzip' } : {},
    );
  });

  const answer = (
    { path, query, authorization }: ApiRequest,
    fault: ApiFault | undefined,
  ): [number, unknown] => {
    if (!api.keys.has(authorization.replace(/^Bearer /, ''))) return [401, { error: 'unauthorized' }];
    const decoded = (match: RegExpExecArray, index: number) => decodeURIComponent(match[index] ?? '');
    const organizations = ROUTES.organizations.exec(path);
    if (organizations) {
      const customer = decoded(organizations, 1);
      const owners = api.customers.get(customer) ?? [];
      return [200, owners.map((owner) => ({ owner, organization: owner, customer, server: 'github.com' }))];
    }
    const tenant = ROUTES.tenant.exec(path);
    if (tenant) {
      const owners = api.customers.get(decoded(tenant, 1));
      if (owners === undefined) return [403, { error: 'forbidden' }];
      return listDetections(path, query, (owner) => owners.includes(owner), fault);
    }
    const run = ROUTES.run.exec(path);
    if (run) {
      const found = api.runs.get(`${decoded(run, 1)}/${decoded(run, 2)}/${decoded(run, 3)}`);
      return found ? [200, found] : [404, { error: 'not found' }];
    }
    if (ROUTES.incidents.test(path)) {
      const pagination = { current_page: '1', limit: '100' };
      return [200, { detections: api.incidents, pagination }];
    }
    const affected = ROUTES.components.exec(path);
    if (affected) {
      const id = decoded(affected, 2);
      if (!api.incidents.some((incident) => incident.id === id)) return [404, { error: 'not found' }];
      return [200, { compromised_components: api.components.get(id) ?? [] }];
    }
    const owned = ROUTES.detections.exec(path) ?? ROUTES.evaluations.exec(path);
    if (!owned) return [404, { error: 'no such path' }];
    const wanted = decoded(owned, 1);
    if (api.forbidden.has(wanted)) return [403, { error: 'forbidden' }];
    if (ROUTES.detections.test(path)) return listDetections(path, query, (owner) => owner === wanted, fault);
    const rows = api.evaluations.filter(
      (e) => e.owner === wanted && (!query.status || e.status === query.status),
    );
    return paged(
      path,
      query,
      rows.map((row, index) => ({ row, status: '', place: index + 1 })),
      'evaluations',
      fault,
    );
  };

  const listDetections = (
    path: string,
    query: Readonly<Record<string, string>>,
    mine: (owner: string) => boolean,
    fault: ApiFault | undefined,
  ): [number, unknown] => {
    if (!query.detection_id || !STATUSES.includes(query.status ?? '')) {
      return [400, { error: 'invalid detection status or ID or next token' }];
    }
    const rows = [...table.values()]
      .filter(
        ({ row, status }) =>
          mine(ownerOf(row)) && kindOf(row) === query.detection_id && status === query.status,
      )
      .sort((a, b) => a.place - b.place);
    return paged(path, query, rows, 'detections', fault);
  };

  const paged = (
    path: string,
    query: Readonly<Record<string, string>>,
    rows: readonly Stored[],
    list: string,
    fault: ApiFault | undefined,
  ): [number, unknown] => {
    const limit = Number(query.limit ?? 50);
    const filters = createHash('sha256')
      .update(JSON.stringify([path, query.detection_id, query.status, epoch]))
      .digest('hex');
    const token = readToken(query.next_token, filters);
    if (token === undefined || !(limit >= 1 && limit <= 1000)) {
      return [400, { error: 'invalid detection status or ID or next token' }];
    }
    const from = fault === 'first_page' ? 0 : token;
    const rest = rows.filter((stored) => stored.place > from);
    const page = rest.slice(0, limit);
    const last = page.at(-1)?.place ?? from;
    if (fault !== 'truncated' && fault !== 'truncated_chunked') api.served.push(...page);
    const more = rest.length > page.length || fault === 'stuck_token' || fault === 'first_page';
    const fresh = Buffer.from(`${filters}:${last}:${api.requests.length}`).toString('base64url');
    const next = fault === 'stuck_token' ? (query.next_token ?? fresh) : fresh;
    return [
      200,
      {
        data: {
          [list]: page.length === 0 ? null : page.map(({ row }) => row),
          has_more: more,
          next_token: more ? next : '',
          count: page.length,
        },
      },
    ];
  };

  const port = await listen(server);
  const api: StepSecurityApi = {
    url: `http://127.0.0.1:${port}/v1`,
    requests: [],
    violations: [],
    served: [],
    keys: new Set([key]),
    put: (row, status = 'new') => void table.set(idOf(row), { row, status, place: ++place }),
    remove: (row) => void table.delete(idOf(row)),
    evaluations: [],
    incidents: [],
    components: new Map(),
    runs: new Map(),
    customers: new Map(),
    forbidden: new Set(),
    onRequest: () => undefined,
    expireTokens: () => void (epoch += 1),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return api;
}

function ownerOf(row: JsonObject): string {
  return typeof row.owner === 'string' ? row.owner : '';
}

/** In the vendor's example the `id` is composite, and `type` names the type. */
function kindOf(row: JsonObject): unknown {
  return typeof row.id === 'string' && row.id.includes('#') ? row.type : row.id;
}

function readToken(token: string | undefined, filters: string): number | undefined {
  if (!token) return 0;
  const [of, place] = Buffer.from(token, 'base64url').toString().split(':');
  return of === filters ? Number(place) : undefined;
}

/** The documented contract: what a request may look like, whatever the answer. */
function violationOf(
  request: IncomingMessage,
  { path, query, authorization }: ApiRequest,
): string | undefined {
  if (request.method !== 'GET') return `${request.method} ${path}`;
  if (!authorization.startsWith('Bearer ')) return `no bearer key: ${path}`;
  const allowed =
    ROUTES.tenant.test(path) || ROUTES.detections.test(path)
      ? ['detection_id', 'status', 'limit', 'next_token']
      : ROUTES.evaluations.test(path)
        ? ['status', 'limit', 'next_token']
        : [ROUTES.organizations, ROUTES.run, ROUTES.incidents, ROUTES.components].some((one) =>
              one.test(path),
            )
          ? []
          : undefined;
  if (allowed === undefined) return `path: ${path}`;
  const unknown = Object.keys(query).filter((name) => !allowed.includes(name));
  if (unknown.length > 0) return `query values ${unknown.join()}: ${path}`;
  if (query.limit !== undefined && !/^([1-9]\d{0,2}|1000)$/.test(query.limit)) return `limit ${query.limit}`;
  return undefined;
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(headers['content-encoding'] === 'gzip' ? gzipSync(body) : body);
}
