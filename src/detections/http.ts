import type { JsonObject } from '../contracts/types.ts';
import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { text } from './scalars.ts';

/** An HTTPS request the agent saw. */
export interface HttpRequest {
  readonly method: string | undefined;
  /** `https`, unless the payload says otherwise. */
  readonly scheme: string;
  /** Host in the form ECS expects in `url.domain`: an IPv6 address keeps its brackets. */
  readonly domain: string | undefined;
  readonly path: string | undefined;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
  /** The path with its query, or the whole URL, as it arrived. */
  readonly original: string | undefined;
  readonly full: string | undefined;
  readonly port: number | undefined;
}

const METHOD = /^[A-Za-z][A-Za-z-]{0,31}$/;
/** A request through a proxy has the whole URL in place of the path. */
const ABSOLUTE = /^(https?):\/\/[^/?#]*/i;

/** Whether a payload describes a request rather than a file: both have a `path`. */
export function isHttp({ host, path }: JsonObject): boolean {
  return (typeof host === 'string' && host !== '') || absoluteUrl(text(path)) !== undefined;
}

/** Whether it shows the request itself, not only the host. */
export function isRequest(payload: JsonObject): boolean {
  const { method, path } = payload;
  return isHttp(payload) && (METHOD.test(text(method) ?? '') || text(path) !== undefined);
}

/** A `path` that is a whole URL. */
export function absoluteUrl(path: string | undefined): string | undefined {
  return path !== undefined && ABSOLUTE.test(path) ? path : undefined;
}

/**
 * From `method`, `host` and `path`. `endpoint` is where the connection went, which may be just the host's address.
 */
export function readHttp(
  payload: JsonObject,
  endpoint: Endpoint | undefined,
  warnings: string[],
): HttpRequest {
  const method = text(payload.method);
  const known = method !== undefined && METHOD.test(method);
  if (method !== undefined && !known) warnings.push('bad_method');
  const original = text(payload.path);
  const [start, scheme = 'https'] = (original === undefined ? undefined : ABSOLUTE.exec(original)) ?? [''];
  const site = siteOf(payload, start, endpoint, warnings);
  const parts = isAuthority(method, original) ? NO_PARTS : partsOf(original?.slice(start.length));
  const domain = site?.ip_type === 'ipv6' && site.domain === undefined ? `[${site.ip}]` : site?.address;
  const authority =
    domain === undefined ? undefined : site?.port === undefined ? domain : `${domain}:${site.port}`;
  return {
    method: known ? method : undefined,
    scheme: scheme.toLowerCase(),
    domain,
    ...parts,
    original,
    full: authority === undefined ? undefined : `${scheme.toLowerCase()}://${authority}${tailOf(parts)}`,
    port: site?.port,
  };
}

/**
 * The host that was requested: that of a whole URL, as HTTP defines it; otherwise `host`, whose address `endpoint`
 * may be.
 */
function siteOf(
  { host, endpoint: raw }: JsonObject,
  start: string,
  endpoint: Endpoint | undefined,
  warnings: string[],
): Endpoint | undefined {
  const asked = text(host);
  if (start !== '') {
    const site = parseEndpoint(start, undefined, warnings);
    if (asked !== undefined && !isSame(asked, site)) warnings.push('host_mismatch');
    return site;
  }
  const isEndpoint = asked === undefined || text(raw) === undefined || asked === endpoint?.raw;
  return isEndpoint ? endpoint : parseEndpoint(asked, undefined, warnings);
}

function isSame(host: string, { address }: Endpoint): boolean {
  return parseEndpoint(host, undefined, []).address === address;
}

/** Whether `path` is a whole URL with a different host than `host`, which is then not part of the request. */
export function isOtherHost(host: string | undefined, path: string | undefined): boolean {
  const start = path === undefined ? undefined : ABSOLUTE.exec(path)?.[0];
  return start !== undefined && host !== undefined && !isSame(host, parseEndpoint(start, undefined, []));
}

/** `CONNECT host:443` asks a proxy for a connection, not for a path. */
function isAuthority(method: string | undefined, target: string | undefined): boolean {
  return method?.toUpperCase() === 'CONNECT' && target?.includes('/') === false;
}

type Parts = Pick<HttpRequest, 'path' | 'query' | 'fragment'>;

function partsOf(target: string | undefined): Parts {
  if (target === undefined) return NO_PARTS;
  const hash = target.indexOf('#');
  const sent = hash < 0 ? target : target.slice(0, hash);
  const mark = sent.indexOf('?');
  return {
    path: (mark < 0 ? sent : sent.slice(0, mark)) || undefined,
    query: (mark < 0 ? '' : sent.slice(mark + 1)) || undefined,
    fragment: (hash < 0 ? '' : target.slice(hash + 1)) || undefined,
  };
}

const NO_PARTS: Parts = { path: undefined, query: undefined, fragment: undefined };

function tailOf({ path, query, fragment }: Parts): string {
  const slashed = path === undefined || path.startsWith('/') ? (path ?? '') : `/${path}`;
  return `${slashed}${query === undefined ? '' : `?${query}`}${fragment === undefined ? '' : `#${fragment}`}`;
}
