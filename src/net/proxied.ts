import http, { type ClientRequest } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, TLSSocket } from 'node:tls';
import { Agent, type AgentConnectOpts } from 'agent-base';
import type { SocksProxyAgent } from 'socks-proxy-agent';
import { bare } from './listening.ts';
import type { Proxy } from './proxy-env.ts';

/*
 * Agents that go through a proxy: plain requests in absolute form, TLS through CONNECT, both through SOCKS. The npm
 * agents for this rewrite a request when a socket is created for it, and so send later requests on a kept-alive socket
 * in origin form, which proxies refuse. They also present a proxy's refusal of CONNECT as the target's answer.
 */

/** How long a proxy may take to open a tunnel. */
const TUNNEL_MS = 30_000;

/** The methods `http.request` calls on its agent, which Node's types omit. */
export interface Requests {
  addRequest(request: ClientRequest, options: RequestOptions): void;
  destroy(): void;
}

/** Node's agent, including the method that its types omit. */
export const requestsOf = (agent: http.Agent): Requests => agent as http.Agent & Requests;

/** A failure of the proxy, or on the way to it. `code` is a row in the table of faults. */
class ProxyError extends Error {
  override name = 'ProxyError';
  readonly code: string;
  /** Without credentials. */
  readonly proxy: string;
  constructor(proxy: Proxy, code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.proxy = proxy.name;
  }
}

const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);
const serverName = (host: string): string => (isIP(host) === 0 ? host : '');

/** The address of the proxy itself; `tls` says how to verify an HTTPS proxy. */
function addressOf({ url }: Proxy, tls: ConnectionOptions): RequestOptions {
  const host = bare(url.hostname);
  const secure = url.protocol === 'https:';
  const port = Number(url.port || (secure ? 443 : 80));
  return { host, port, ...(secure && { ...tls, servername: serverName(host) }) };
}

/** Plain requests to any target, each in absolute form, over kept-alive sockets to the proxy. */
export function forwarding(proxy: Proxy, proxyTls: ConnectionOptions): Requests {
  const agent = new (proxy.url.protocol === 'https:' ? https : http).Agent({ keepAlive: true });
  const address = addressOf(proxy, proxyTls);
  return {
    addRequest(request, options) {
      const port = Number(options.port ?? 80);
      const host = bracketed(bare(String(options.host)));
      // Node writes the head of a request with `Expect` before it asks for a socket, so it must be written again.
      Object.assign(request, { _header: null });
      request.path = `http://${host}${port === 80 ? '' : `:${port}`}${request.path}`;
      if (proxy.authorization !== undefined) request.setHeader('Proxy-Authorization', proxy.authorization);
      nameUntilReached(request, proxy);
      requestsOf(agent).addRequest(request, { ...options, ...address });
    },
    destroy: () => agent.destroy(),
  };
}

/** Until the proxy is reached, any failure is on the way to it. */
function nameUntilReached(request: ClientRequest, proxy: Proxy): void {
  let reached = false;
  request.once('socket', (socket) => {
    reached = !socket.connecting;
    if (reached) return;
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      reached = true;
    });
  });
  request.once('error', (error) => {
    if (!reached) Object.assign(error, { proxy: proxy.name });
  });
}

/** TLS requests, each target through its own tunnels. */
export function tunnelling(proxy: Proxy, tls: ConnectionOptions, proxyTls: ConnectionOptions): Requests {
  return new TunnelAgent(proxy, tls, proxyTls);
}

interface TunnelOptions extends RequestOptions {
  /** The request whose end also ends a tunnel that is not open yet. */
  readonly request?: ClientRequest;
}

class TunnelAgent extends https.Agent {
  readonly #proxy: Proxy;
  readonly #tls: ConnectionOptions;
  readonly #proxyTls: ConnectionOptions;

  constructor(proxy: Proxy, tls: ConnectionOptions, proxyTls: ConnectionOptions) {
    super({ keepAlive: true, ...tls });
    this.#proxy = proxy;
    this.#tls = tls;
    this.#proxyTls = proxyTls;
  }

  addRequest(request: ClientRequest, options: RequestOptions): void {
    const core = https.Agent.prototype as unknown as Requests;
    core.addRequest.call(this, request, { ...options, request } as RequestOptions);
  }

  override createConnection(
    options: TunnelOptions,
    callback: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const host = bare(String(options.host));
    const { servername = serverName(host) } = options as ConnectionOptions;
    this.#open(`${bracketed(host)}:${options.port ?? 443}`, options.request, (opened) => {
      // An error comes without a socket, which Node's types do not allow for.
      if (opened instanceof Error) callback(opened, undefined as unknown as Duplex);
      else callback(null, connect({ ...this.#tls, host, servername, socket: opened }));
    });
    return undefined;
  }

  /** Calls back once: with the socket of the tunnel, or with a `ProxyError`. */
  #open(
    authority: string,
    owner: ClientRequest | undefined,
    done: (opened: Socket | ProxyError) => void,
  ): void {
    const proxy = this.#proxy;
    const { authorization } = proxy;
    const request = (proxy.url.protocol === 'https:' ? https : http).request({
      ...addressOf(proxy, this.#proxyTls),
      method: 'CONNECT',
      path: authority,
      agent: false,
      timeout: TUNNEL_MS,
      headers: {
        host: authority,
        ...(authorization !== undefined && { 'proxy-authorization': authorization }),
      },
    });
    const release = owner === undefined ? () => undefined : whenGivenUp(owner, () => request.destroy());
    const failed = (error: Error): void => {
      release();
      const { code = 'ECONNRESET', message } = error as NodeJS.ErrnoException;
      done(error instanceof ProxyError ? error : new ProxyError(proxy, code, message, error));
    };
    request.on('timeout', () => request.destroy(new ProxyError(proxy, 'ETIMEDOUT', 'the tunnel timed out')));
    request.on('error', failed);
    request.on('connect', ({ statusCode = 0 }, socket: Socket, head) => {
      if (statusCode < 200 || statusCode >= 300) {
        socket.destroy();
        failed(new ProxyError(proxy, refusal(statusCode), `the proxy answered ${statusCode}`));
        return;
      }
      release();
      socket.setTimeout(0);
      if (head.length > 0) socket.unshift(head);
      done(socket);
    });
    request.end();
  }
}

/**
 * A request without a socket emits nothing when it is destroyed, so it would wait for its tunnel. Returns a function
 * that stops watching.
 */
function whenGivenUp(request: ClientRequest, abandon: () => void): () => void {
  const destroy = request.destroy.bind(request);
  request.destroy = (error) => {
    abandon();
    return destroy(error);
  };
  return () => {
    request.destroy = destroy;
  };
}

function refusal(status: number): string {
  if (status === 407) return 'PROXY_AUTH';
  return status === 408 || status === 429 || status >= 500 ? 'PROXY_UNAVAILABLE' : 'PROXY_FORBIDS';
}

/** Requests of either kind through a SOCKS proxy. */
export function socksifying(proxy: Proxy, secure: boolean, tls: ConnectionOptions): Requests {
  const agent = new SocksAgent(proxy);
  return {
    addRequest: (request, options) =>
      requestsOf(agent).addRequest(request, {
        ...options,
        ...(secure && tls),
        secureEndpoint: secure,
      } as RequestOptions),
    destroy: () => agent.destroy(),
  };
}

class SocksAgent extends Agent {
  readonly #proxy: Proxy;
  #socks: SocksProxyAgent | undefined;
  constructor(proxy: Proxy) {
    super({ keepAlive: true, timeout: TUNNEL_MS });
    this.#proxy = proxy;
  }
  override async connect(request: ClientRequest, options: AgentConnectOpts) {
    try {
      // Loading it takes a tenth of the startup time, and few have such a proxy.
      const { SocksProxyAgent } = await import('socks-proxy-agent');
      this.#socks ??= new SocksProxyAgent(this.#proxy.url, { timeout: TUNNEL_MS });
      const socket = await this.#socks.connect(request, options);
      // The timeout was for the tunnel; from here on the client's own applies.
      socket.setTimeout(0);
      return socket;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const named = code ?? (/authentication/i.test(message) ? 'PROXY_AUTH' : 'PROXY_UNAVAILABLE');
      throw new ProxyError(this.#proxy, named, 'the SOCKS proxy gave no connection', error);
    }
  }
}
