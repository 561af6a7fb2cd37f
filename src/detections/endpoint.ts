import { isIP } from 'node:net';
import { authorityOf, type Transport } from './authority.ts';
import { asciiHost } from './idn.ts';

/** Where a connection went or was meant to go. */
export interface Endpoint {
  /** As it arrived; absent for the sinkhole, since nobody meant to call it and no sentence should say so. */
  readonly raw: string | undefined;
  /** The sinkhole, as it arrived. */
  readonly sinkhole?: string;
  /**
   * Host or IP, as clients show it: no port, no trailing dot, lower case. Absent if it is not a host (a wildcard).
   */
  readonly address: string | undefined;
  readonly domain: string | undefined;
  readonly ip: string | undefined;
  readonly ip_type: 'ipv4' | 'ipv6' | undefined;
  readonly port: number | undefined;
  /** If the text names it: `tcp://…`, `…:443/udp`. */
  readonly transport: Transport | undefined;
  /** Set if the name was seen by the agent's DNS proxy: only there do names end in a dot. */
  readonly dns_name: string | undefined;
}

/** Where the agent's DNS proxy sends the names it blocks: never the intended destination. */
const SINKHOLE = '54.185.253.63';

const ZERO = 0x30;
const NINE = 0x39;

const HOST = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/;

/** A port, or an address in a rare notation (`0xcb007109`): a domain never consists of numbers alone. */
const NUMBER = /^(?:0x[\da-f]+|\d+)(?:\.(?:0x[\da-f]+|\d+))*$/;

/**
 * Reads `host:port`, `host.`, `ip:port`, `[v6]:port`, bare IPv6, and the same in a URL or before `/tcp`. A
 * non-ASCII name is converted to the form that DNS uses (`xn--…`). Anything that is not a host stays in `raw` only.
 * `direct` is the payload's `direct_ip_address`, used when the endpoint names a host.
 */
export function parseEndpoint(raw: string, direct: string | undefined, warnings: string[]): Endpoint {
  const { authority, transport } = authorityOf(raw.trim());
  const { host: written, portText } = split(authority, warnings);
  const host = asciiHost(written);
  const port = parsePort(portText, warnings);
  const ip = parseIp(host);
  if (ip === SINKHOLE) return { ...noHost(undefined), sinkhole: raw };
  if (ip !== undefined) return { ...noHost(raw), address: ip, ip, ip_type: ipType(ip), port, transport };
  const rooted = host.endsWith('.');
  const name = (rooted ? host.slice(0, -1) : host).toLowerCase();
  const directIp = direct === undefined ? undefined : parseIp(direct);
  const directly = directIp === SINKHOLE ? undefined : directIp;
  // A port alone (`:443`) belongs to the address that was called without a name.
  if (name === '' && directly !== undefined)
    return { ...noHost(raw), address: directly, ip: directly, ip_type: ipType(directly), port, transport };
  if (!HOST.test(name) || NUMBER.test(name)) {
    warnings.push('endpoint_not_a_host');
    return noHost(raw);
  }
  return {
    raw,
    address: name,
    domain: name,
    ip: directly,
    ip_type: directly === undefined ? undefined : ipType(directly),
    port,
    transport,
    dns_name: rooted ? name : undefined,
  };
}

/** Whether the text is a host, so that a field holds all of it. */
export function isHost(text: string | undefined): boolean {
  return text !== undefined && parseEndpoint(text, undefined, []).address !== undefined;
}

function noHost(raw: string | undefined): Endpoint {
  return {
    raw,
    address: undefined,
    domain: undefined,
    ip: undefined,
    ip_type: undefined,
    port: undefined,
    transport: undefined,
    dns_name: undefined,
  };
}

function split(text: string, warnings: string[]): { host: string; portText: string | undefined } {
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    if (close > 0) {
      const rest = text.slice(close + 1);
      return { host: text.slice(1, close), portText: rest.startsWith(':') ? rest.slice(1) : undefined };
    }
  }
  const first = text.indexOf(':');
  if (first < 0) return { host: text, portText: undefined };
  if (first === text.lastIndexOf(':')) return { host: text.slice(0, first), portText: text.slice(first + 1) };
  // Two or more colons: an address. With all eight groups present, the last may have been meant as a port.
  if (isIP(text) === 6 && /:\d{1,5}$/.test(text) && !text.endsWith('::') && /:[^:]+:\d{3,5}$/.test(text)) {
    warnings.push('ambiguous_ipv6');
  }
  return { host: text, portText: undefined };
}

function parsePort(text: string | undefined, warnings: string[]): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  warnings.push('bad_port');
  return undefined;
}

/** A zone (`%eth0`) is cut off: net.isIP accepts it, Elasticsearch's ip type does not. */
function parseIp(host: string): string | undefined {
  const zone = host.indexOf('%');
  const bare = zone < 0 ? host : host.slice(0, zone);
  return !mayBeIp(bare) || isIP(bare) === 0 ? undefined : bare.toLowerCase();
}

/**
 * An address contains a colon or ends in a digit. Node's own test runs two long patterns, and most hosts are names.
 */
function mayBeIp(host: string): boolean {
  const last = host.charCodeAt(host.length - 1);
  return (last >= ZERO && last <= NINE) || host.includes(':');
}

function ipType(ip: string): 'ipv4' | 'ipv6' {
  return ip.includes(':') ? 'ipv6' : 'ipv4';
}
