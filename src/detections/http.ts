import type { Endpoint } from './endpoint.ts';

/** An HTTPS request the agent saw. */
export interface HttpRequest {
  readonly method?: string;
  /** Host as ECS wants `url.domain`: an IPv6 address keeps its brackets. */
  readonly domain?: string;
  readonly path?: string;
  readonly query?: string;
  /** The path with its query, as it arrived. */
  readonly original?: string;
  readonly full?: string;
  readonly port?: number;
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
  if (method !== undefined && !METHOD.test(method)) warnings.push('bad_method');
  return {
    ...(method !== undefined && METHOD.test(method) ? { method } : {}),
    ...(domain === undefined ? {} : { domain }),
    ...(pathOnly ? { path: pathOnly } : {}),
    ...(query ? { query } : {}),
    ...(path ? { original: path } : {}),
    ...(authority === undefined ? {} : { full: `https://${authority}${slashed ?? ''}` }),
    ...(host?.port === undefined ? {} : { port: host.port }),
  };
}
