import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { ProxyAgent } from 'proxy-agent';
import { ConfigError } from '../errors.ts';

export interface AgentOptions {
  /** PEM file. Only its certificates are trusted then, as with `curl --cacert` and `AWS_CA_BUNDLE`. */
  readonly caFile?: string | undefined;
  /** PEM text, instead of a file. */
  readonly ca?: string | undefined;
  /** `false` accepts any certificate. Default `true`. */
  readonly verify?: boolean | undefined;
  /** Open sockets per host when no proxy is used. Default 64. */
  readonly maxSockets?: number | undefined;
}

/** The variables that `proxy-from-env` reads, in either case. */
const PROXY_VARIABLES = [
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'npm_config_http_proxy',
  'npm_config_https_proxy',
  'npm_config_proxy',
];

function proxyConfigured(): boolean {
  return PROXY_VARIABLES.some((name) => process.env[name] || process.env[name.toUpperCase()]);
}

/** The certificates of a PEM file. Throws `ConfigError` naming the file when it cannot be read or holds none. */
function readCa(file: string): string {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`ca_file ${file}: ${(error as Error).message}`, { cause: error });
  }
  try {
    // Node would ignore text without certificates and then trust nobody.
    void new X509Certificate(pem);
  } catch (error) {
    throw new ConfigError(`ca_file ${file}: holds no PEM certificate`, { cause: error });
  }
  return pem;
}

/**
 * Keep-alive agents for plain and TLS requests, honouring `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` for
 * each request's own host. Made once per client; `destroy()` both when done. Throws `ConfigError` for a bad CA file.
 */
export function makeAgents(options: AgentOptions = {}): { http: http.Agent; https: https.Agent } {
  const tls = {
    ...(options.ca !== undefined && { ca: options.ca }),
    ...(options.caFile !== undefined && { ca: readCa(options.caFile) }),
    ...(options.verify === false && { rejectUnauthorized: false }),
  };
  if (proxyConfigured()) {
    // No bound here: agent-base queues what is over a bound and never wakes the queue when the proxy refuses. The
    // callers' own windows bound the sockets.
    const agent = new ProxyAgent({ keepAlive: true, ...tls });
    return { http: agent, https: agent };
  }
  const maxSockets = options.maxSockets ?? 64;
  return {
    http: new http.Agent({ keepAlive: true, maxSockets }),
    https: new https.Agent({ keepAlive: true, maxSockets, ...tls }),
  };
}

/** The one agent for a client that talks to one kind of URL. */
export function agentFor(url: string | URL, options: AgentOptions = {}): http.Agent {
  const agents = makeAgents(options);
  return new URL(url).protocol === 'https:' ? agents.https : agents.http;
}
