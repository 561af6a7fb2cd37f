import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http, { type ClientRequest } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { ConfigError } from '../contracts/errors.ts';
import { whyUnreadable } from '../text/unreadable.ts';
import { forwarding, type Requests, requestsOf, socksifying, tunnelling } from './proxied.ts';
import { type Proxy, type ProxyRoutes, proxyRoutes } from './proxy-env.ts';

export interface AgentOptions {
  /** PEM file. If given, only its certificates are trusted, as with `curl --cacert` and `AWS_CA_BUNDLE`. */
  readonly caFile?: string | undefined;
  /** PEM text, instead of a file; for the target only, not for an HTTPS proxy. */
  readonly ca?: string | undefined;
  /** `false` accepts any certificate from the target. Default `true`. */
  readonly verify?: boolean | undefined;
  /** Open sockets per host when no proxy is used. Default 64. */
  readonly maxSockets?: number | undefined;
}

export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
  /** Whether requests to this URL go without a proxy. */
  readonly direct: (url: URL) => boolean;
}

/** The certificates of a PEM file. Throws `ConfigError` naming the file if it cannot be read or contains none. */
function readCa(file: string): string {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`ca_file ${file}: cannot be read: ${whyUnreadable(error)}`, { cause: error });
  }
  try {
    // Node would silently ignore text without certificates, and then trust no server.
    void new X509Certificate(pem);
  } catch (error) {
    throw new ConfigError(`ca_file ${file}: contains no PEM certificate`, { cause: error });
  }
  return pem;
}

/**
 * Keep-alive agents for plain and TLS requests, honoring `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` for
 * each request's own host. Certificates are verified whatever `NODE_TLS_REJECT_UNAUTHORIZED` says. Create once per
 * client and `destroy()` both when done. Throws `ConfigError` for a bad CA file or proxy variable.
 */
export function createAgents(options: AgentOptions = {}): Agents {
  const ca = options.caFile === undefined ? undefined : readCa(options.caFile);
  const proxyTls = { rejectUnauthorized: true, ...(ca !== undefined && { ca }) };
  const tls = {
    ...proxyTls,
    rejectUnauthorized: options.verify ?? true,
    ...(options.ca !== undefined && { ca: options.ca }),
  };
  const routes = proxyRoutes(process.env);
  const sockets = { keepAlive: true, maxSockets: options.maxSockets ?? 64 };
  if (routes === undefined) {
    const agents = { http: new http.Agent(sockets), https: new https.Agent({ ...sockets, ...tls }) };
    return { ...agents, direct: () => true };
  }
  const plain = routed({ secure: false, routes, sockets, tls, proxyTls });
  const secure = routed({ secure: true, routes, sockets, tls, proxyTls });
  const direct = ({ protocol, hostname, port }: URL): boolean =>
    routes({ protocol, host: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) }) ===
    undefined;
  return { http: plain, https: secure as https.Agent, direct };
}

interface Routing {
  readonly secure: boolean;
  readonly routes: ProxyRoutes;
  readonly sockets: http.AgentOptions;
  readonly tls: ConnectionOptions;
  readonly proxyTls: ConnectionOptions;
}

/** An agent that hands each request to the agent for its proxy, or handles it itself if it needs none. */
function routed({ secure, routes, sockets, tls, proxyTls }: Routing): http.Agent {
  const base = secure
    ? new https.Agent({ ...sockets, ...(tls as https.AgentOptions) })
    : new http.Agent(sockets);
  const [protocol, usual] = secure ? ['https:', 443] : ['http:', 80];
  const core = requestsOf(base);
  const own = { addRequest: core.addRequest.bind(base), destroy: core.destroy.bind(base) };
  const made = new Map<Proxy, Requests>();
  // No limit on sockets to a proxy: the callers' own windows limit them.
  const make = (proxy: Proxy): Requests => {
    if (proxy.url.protocol.startsWith('socks')) return socksifying(proxy, secure, tls);
    return secure ? tunnelling(proxy, tls, proxyTls) : forwarding(proxy, proxyTls);
  };
  return Object.assign(base, {
    addRequest(request: ClientRequest, options: RequestOptions) {
      const target = {
        protocol,
        host: options.host ?? 'localhost',
        port: Number(options.port ?? usual),
      };
      const proxy = routes(target);
      if (proxy === undefined) return own.addRequest(request, options);
      const through = made.get(proxy) ?? make(proxy);
      made.set(proxy, through);
      return through.addRequest(request, options);
    },
    destroy() {
      for (const through of made.values()) through.destroy();
      own.destroy();
    },
  });
}

/** The agent for a client that talks to only one kind of URL. */
export function agentFor(url: string | URL, options: AgentOptions = {}): http.Agent & { direct: boolean } {
  const target = new URL(url);
  const agents = createAgents(options);
  return Object.assign(target.protocol === 'https:' ? agents.https : agents.http, {
    direct: agents.direct(target),
  });
}
