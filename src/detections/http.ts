import type { Endpoint } from './endpoint.ts';

/** An HTTPS request the agent saw. */
export interface HttpRequest {
  readonly method: string | undefined;
  /** Host as ECS wants `url.domain`: an IPv6 address keeps its brackets. */
  readonly domain: string | undefined;
  readonly path: string | undefined;
  readonly query: string | undefined;
  /** The path with its query, as it arrived. */
  readonly original: string | undefined;
  readonly full: string | undefined;
  readonly port: number | undefined;
}

const METHOD = /^[A-Za-z][A-Za-z-]{0,31}$/;

/** From the payload's `method`, `host` and `path`; the host was read by `parseEndpoint`. */
export function readHttp(
  method: string | undefined,
  host: Endpoint | undefined,
  path: string | undefined,
  warnings: string[],
): HttpRequest {
  const domain = host?.ip_type === 'ipv6' && host.domain === undefined ? `[${host.ip}]` : host?.address;
  const cut = path?.indexOf('?') ?? -1;
  const pathOnly = cut < 0 ? path : path?.slice(0, cut);
  const query = cut < 0 ? undefined : path?.slice(cut + 1);
  const authority =
    domain === undefined ? undefined : host?.port === undefined ? domain : `${domain}:${host.port}`;
  const slashed = path === undefined || path.startsWith('/') ? path : `/${path}`;
  const known = method !== undefined && METHOD.test(method);
  if (method !== undefined && !known) warnings.push('bad_method');
  return {
    method: known ? method : undefined,
    domain,
    path: pathOnly === '' ? undefined : pathOnly,
    query: query === '' ? undefined : query,
    original: path === '' ? undefined : path,
    full: authority === undefined ? undefined : `https://${authority}${slashed ?? ''}`,
    port: host?.port,
  };
}
