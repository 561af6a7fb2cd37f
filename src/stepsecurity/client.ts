import type { Agent } from 'node:http';
import type { RetryPolicy } from '../contracts/component.ts';
import { ConfigError, RetryableError } from '../contracts/errors.ts';
import type { Log, Meter } from '../contracts/types.ts';
import { parseRetryAfter, retry } from '../io/retry.ts';
import { timed } from '../io/timed.ts';
import { type HttpReply, type HttpRequest, httpRequest, ReplyTooLargeError } from '../net/http.ts';
import { type LevelsAround, parseShallow } from '../records/shallow-json.ts';
import type { ApiKey } from './key.ts';
import type { Pace } from './pace.ts';

/** The API refuses this request only, not all of ours. */
export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface ApiClientOptions {
  readonly baseUrl: string;
  readonly key: ApiKey;
  readonly pace: Pace;
  readonly agent?: (Agent & { readonly direct: boolean }) | undefined;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly log: Log;
  readonly meter: Meter;
}

export interface ApiClient {
  /**
   * GETs JSON and passes it to `parse`, which throws `RetryableError` for an unexpected shape. Retries passing failures
   * according to `policy`, then throws `UnavailableError`. Throws `ConfigError` for 401, for redirects and for network
   * faults that the operator has to fix, `RefusedError` for any other 4xx, and the abort reason of `signal`.
   */
  get<T>(
    path: string,
    query: Readonly<Record<string, string>>,
    parse: (json: unknown) => T,
    how: { readonly signal: AbortSignal; readonly policy: RetryPolicy },
  ): Promise<T>;
  /** `performance.now()` of the last usable answer; 0 before the first. */
  lastSuccess(): number;
}

const PASSING = new Set([408, 425, 429]);

export function createClient(options: ApiClientOptions): ApiClient {
  const { key, pace, log, meter } = options;
  let lastSuccess = 0;

  const once = async (path: string, query: Readonly<Record<string, string>>, signal: AbortSignal) => {
    await pace.turn(signal);
    const bearer = await key.get();
    const url = new URL(options.baseUrl.replace(/\/+$/, '') + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const get: HttpRequest = {
      url,
      headers: {
        authorization: `Bearer ${bearer}`,
        accept: 'application/json',
        'user-agent': 'stepsecurity-siem',
      },
      agent: options.agent,
      direct: options.agent?.direct,
      timeoutMs: options.timeoutMs,
      maxBytes: options.maxBytes,
      signal,
    };
    const reply = await timed(meter, 'api_requests', () => httpRequest(get));
    if (reply.status === 401) await refused(bearer);
    return reply;
  };

  const refused = async (bearer: string) => {
    if (await key.renew(bearer)) throw new RetryableError('401, but the key has just been rotated');
    throw new ConfigError('the StepSecurity API refuses the API key (401); has it expired, or been revoked?');
  };

  return {
    lastSuccess: () => lastSuccess,
    get: (path, query, parse, { signal, policy }) =>
      retry(
        async () => {
          try {
            const reply = await once(path, query, signal);
            const value = parse(jsonOf(accepted(reply, path, pace)));
            lastSuccess = performance.now();
            return value;
          } catch (error) {
            if (error instanceof ReplyTooLargeError) throw new RefusedError(0, error.message);
            throw error;
          }
        },
        { policy, signal, what: `GET ${path}`, log, meter },
      ),
  };
}

function accepted(reply: HttpReply, path: string, pace: Pace): HttpReply {
  const { status } = reply;
  if (status === 200) return reply;
  if (status >= 500 || PASSING.has(status)) {
    const retryAfterMs = parseRetryAfter(reply.headers['retry-after']);
    // A request to slow down applies to all lists, because they share one key.
    if (status === 429 && retryAfterMs !== undefined) pace.pause(Math.min(retryAfterMs, 60_000));
    throw new RetryableError(`status ${status}`, { retryAfterMs });
  }
  if (status >= 300 && status < 400) {
    throw new ConfigError(`url: answers ${path} with a redirect (${status}), which is not followed`);
  }
  if (status === 407) {
    throw new ConfigError(
      'the proxy requires credentials, or rejects those it was given (407); put user:password@ before the host in the URL of the proxy variable',
    );
  }
  throw new RefusedError(status, `status ${status}`);
}

/** Nesting levels around a row: `[row]` or `{data: {detections: [row]}}`. */
const IN_LIST: LevelsAround = () => 1;
const IN_DATA: LevelsAround = () => 3;

/** A captive portal or a gateway's error page answers 200 with HTML, and a proxy may truncate a body unnoticed. */
function jsonOf(reply: HttpReply): unknown {
  const text = reply.body.toString('utf8');
  try {
    return parseShallow(text, text.trimStart().startsWith('[') ? IN_LIST : IN_DATA);
  } catch {
    const html = /^\s*</.test(text) || String(reply.headers['content-type']).includes('html');
    throw new RetryableError(html ? 'HTML instead of JSON' : 'not JSON, or truncated JSON');
  }
}
