/** In the terms of ECS and CIM. */
export type Transport = 'tcp' | 'udp';

/** Where a process connects to, as its arguments name it. */
export interface FarEnd {
  readonly host: string;
  readonly port: string;
  readonly transport?: Transport | undefined;
}

interface Authority {
  /** `host:port`, not validated. */
  readonly authority: string;
  readonly transport: Transport | undefined;
}

const SCHEME = /^([a-z][a-z0-9+.-]{0,30}):\/\//i;
/** `10.0.0.0/8` is a range of addresses, so its first address is not a destination. */
const RANGE = /^\/\d{1,3}$/;

/**
 * The host and port of an endpoint that may be a URL (`https://host/path`), or may name its transport
 * (`host:443/tcp`).
 */
export function authorityOf(text: string): Authority {
  const plain = { authority: withoutUser(text), transport: undefined };
  if (!text.includes('/')) return plain;
  const scheme = SCHEME.exec(text)?.[1];
  const rest = scheme === undefined ? text : text.slice(scheme.length + '://'.length);
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const after = end < 0 ? '' : rest.slice(end);
  if (scheme !== undefined) {
    return { authority: withoutUser(authority), transport: transportOf(scheme) };
  }
  if (RANGE.test(after)) return plain;
  return { authority: withoutUser(authority), transport: transportOf(after.slice(1)) };
}

/** The user (`git@host:22`) is not part of the host. */
function withoutUser(authority: string): string {
  return authority.slice(authority.lastIndexOf('@') + 1);
}

function transportOf(name: string): Transport | undefined {
  const lower = name.toLowerCase();
  return lower === 'tcp' || lower === 'udp' ? lower : undefined;
}
