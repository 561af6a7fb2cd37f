import { BlockList, isIP } from 'node:net';
import { ConfigError } from '../contracts/errors.ts';
import { rememberSecret } from '../text/own-secrets.ts';

/** A proxy from an environment variable. */
export interface Proxy {
  readonly url: URL;
  /** For messages: without credentials. */
  readonly name: string;
  /** Value of `Proxy-Authorization`; undefined without credentials. */
  readonly authorization: string | undefined;
}

/** The proxy for a target; undefined if it is reached directly. */
export type ProxyRoutes = (target: { protocol: string; host: string; port: number }) => Proxy | undefined;

const SCHEMES = new Set(['http:', 'https:', 'socks:', 'socks4:', 'socks4a:', 'socks5:', 'socks5h:']);

/**
 * Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` as curl does: lower case first, empty means unset, and
 * a proxy without a scheme is an HTTP one. Upper-case `HTTP_PROXY` counts too, because this is not a CGI program.
 * Undefined if no proxy is set. Throws `ConfigError` naming a variable that does not contain a proxy.
 */
export function proxyRoutes(env: NodeJS.ProcessEnv): ProxyRoutes | undefined {
  const all = readProxy(env, 'all_proxy');
  const plain = readProxy(env, 'http_proxy') ?? all;
  const secure = readProxy(env, 'https_proxy') ?? all;
  if (plain === undefined && secure === undefined) return undefined;
  const excepted = noProxy(read(env, 'no_proxy')?.[1] ?? '');
  return ({ protocol, host, port }) => {
    const proxy = protocol === 'https:' ? secure : plain;
    return proxy === undefined || excepted(host, port) ? undefined : proxy;
  };
}

function read(env: NodeJS.ProcessEnv, name: string): [variable: string, value: string] | undefined {
  for (const variable of [name, name.toUpperCase()]) {
    const value = env[variable]?.trim();
    if (value) return [variable, value];
  }
  return undefined;
}

function readProxy(env: NodeJS.ProcessEnv, name: string): Proxy | undefined {
  const found = read(env, name);
  if (found === undefined) return undefined;
  const [variable, value] = found;
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
    const [user, password] = [url.username, url.password].map(decodeURIComponent);
    if (!SCHEMES.has(url.protocol) || url.hostname === '') throw new TypeError('no proxy');
    rememberSecret(password ?? '');
    const pair = Buffer.from(`${user}:${password}`).toString('base64');
    return {
      url,
      name: `${url.protocol}//${url.host}`,
      authorization: user === '' && password === '' ? undefined : `Basic ${rememberSecret(pair)}`,
    };
  } catch {
    // Without the cause: it quotes the value, which may contain a password.
    throw new ConfigError(
      `${variable}: does not contain a proxy URL; use http://, https:// or socks5:// with host and port, and escape special characters in a user or password as %XX`,
    );
  }
}

/**
 * Hosts that need no proxy: names including all subdomains (with or without a leading `.` or `*.`), addresses, and
 * networks such as `10.0.0.0/8` and `fd00::/8`, each optionally with a `:port` (IPv6 addresses then go in brackets), or
 * `*`. Names are not resolved, so an address or network only matches a host given as an address.
 */
function noProxy(list: string): (host: string, port: number) => boolean {
  const rules = list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(ruleOf);
  return (host, port) => {
    const bare = host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
    return rules.some((matches) => matches(bare, port));
  };
}

function ruleOf(entry: string): (host: string, port: number) => boolean {
  const [, bracketed, name, digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  const host = (bracketed ?? name ?? entry).toLowerCase();
  const onPort = (port: number): boolean => digits === undefined || Number(digits) === port;
  if (host === '*') return (_, port) => onPort(port);
  const [network = '', bits] = host.split('/');
  const family = isIP(network);
  if (family !== 0) {
    const inside = networkOf(network, family, bits);
    return (other, port) => onPort(port) && inside(other);
  }
  const suffix = host.replace(/^\*?\.|\.$/g, '');
  return (other, port) => onPort(port) && (other === suffix || other.endsWith(`.${suffix}`));
}

function networkOf(network: string, family: number, bits: string | undefined): (host: string) => boolean {
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (!(Number.isInteger(prefix) && prefix >= 0 && prefix <= most)) return () => false;
  list.addSubnet(network, prefix, type);
  return (host) => isIP(host) !== 0 && list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}
