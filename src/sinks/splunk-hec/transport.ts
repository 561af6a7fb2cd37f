import http from 'node:http';
import https from 'node:https';
import { parseRetryAfter } from '../../io/retry.ts';
import type { Agents } from '../../net/agents.ts';
import { explained } from '../../net/tls-port.ts';
import type { Reply } from './classify.ts';
import { createCookies } from './cookies.ts';

/** The longest reply body that is read; anything longer is not from a receiver. */
const MAX_REPLY_BYTES = 4 * 2 ** 20;

/** No reply came. `connected` says whether bytes of the request may have reached the other side. */
export class NoReplyError extends Error {
  override name = 'NoReplyError';
  readonly connected: boolean;
  constructor(cause: Error, connected: boolean) {
    super(cause.message, { cause });
    this.connected = connected;
  }
}

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly signal: AbortSignal;
}

/** One HTTP exchange. Rejects with `NoReplyError`, or with the signal's abort reason; an abort closes the socket. */
export type Transport = (exchange: Exchange) => Promise<Reply>;

export interface TransportOptions {
  readonly agents: Agents;
  /** From the first byte to the last of the reply. */
  readonly timeoutMs: number;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Redirects are not followed, and cookies are kept, so that a load balancer sends ack requests to the node that
 * issued the ids.
 */
export function createTransport({ agents, timeoutMs }: TransportOptions): Transport {
  const cookies = createCookies();

  const exchange: Transport = ({ method, url, headers, body, signal }) =>
    new Promise<Reply>((resolve, reject) => {
      signal.throwIfAborted();
      const secure = url.startsWith('https:');
      let connected = false;
      const request = (secure ? https : http).request(url, {
        method,
        agent: secure ? agents.https : agents.http,
        headers: {
          ...headers,
          ...cookies.header(),
          ...(body !== undefined && { 'content-length': String(body.length) }),
        },
        signal,
      });
      const timer = setTimeout(() => {
        request.destroy(Object.assign(new Error('no reply in time'), { code: 'REPLY_TIMEOUT' }));
      }, timeoutMs);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(signal.aborted ? signal.reason : new NoReplyError(error, connected));
      };
      request.on('error', fail);
      request.on('socket', (socket) => {
        if (!socket.connecting) {
          connected = true;
          return;
        }
        socket.once(secure ? 'secureConnect' : 'connect', () => {
          connected = true;
        });
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_REPLY_BYTES)
            request.destroy(Object.assign(new Error('the reply is too long'), { code: 'REPLY_TOO_LONG' }));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          cookies.keep(response.headers['set-cookie']);
          resolve({
            status: response.statusCode ?? 0,
            json: parseJson(Buffer.concat(chunks).toString('utf8')),
            retryAfterMs: parseRetryAfter(response.headers['retry-after']),
          });
        });
      });
      request.end(body);
    });

  return async (asked) => {
    try {
      return await exchange(asked);
    } catch (error) {
      if (!(error instanceof NoReplyError)) throw error;
      const url = new URL(asked.url);
      const cause = await explained(error.cause, url, agents.direct(url));
      throw cause === error.cause || !(cause instanceof Error)
        ? error
        : new NoReplyError(cause, error.connected);
    }
  };
}
