import { setTimeout as sleep } from 'node:timers/promises';
import pRetry, { AbortError } from 'p-retry';
import type { RetryPolicy } from '../contracts/component.ts';
import { RetryableError, UnavailableError } from '../contracts/errors.ts';
import type { Log, Meter } from '../contracts/types.ts';

export const DEFAULT_RETRY: RetryPolicy = { initialMs: 500, maxMs: 30_000, maxElapsedMs: 600_000 };

/**
 * How long to wait before try `attempt` + 1 (`attempt` counts from 1): full jitter under a capped exponential, or the
 * server's `Retry-After` plus a little jitter, so that clients do not all come back at the same instant.
 */
export function delayMs(
  policy: RetryPolicy,
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number = Math.random,
): number {
  if (retryAfterMs !== undefined) return retryAfterMs + random() * Math.min(1_000, policy.maxMs);
  return random() * Math.min(policy.maxMs, policy.initialMs * 2 ** (attempt - 1));
}

/** `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110 §10.2.3). Undefined when absent or unreadable. */
export function parseRetryAfter(header: string | null | undefined, now = Date.now()): number | undefined {
  if (header === null || header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** What is being tried, for the error: `bulk request to https://…`. */
  readonly what: string;
  readonly log?: Log;
  /** Its counter `retries` goes up by one for each retry. */
  readonly meter?: Meter;
}

/**
 * The only backoff. Runs `attempt` until it returns. A `RetryableError` is retried until `maxElapsedMs` have passed
 * since the first try, then becomes an `UnavailableError`. Any other error, and the abort of `signal`, is thrown
 * immediately.
 */
export async function retry<T>(attempt: (tries: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { policy, signal, what, log, meter } = options;
  const started = Date.now();
  // p-retry would rethrow AbortError's wrapped copy; keep the original so that callers see it unchanged.
  let fatal: unknown;
  const run = async (tries: number): Promise<T> => {
    try {
      signal.throwIfAborted();
      return await attempt(tries);
    } catch (error) {
      if (error instanceof RetryableError && !signal.aborted) throw error;
      fatal = signal.aborted ? signal.reason : error;
      throw new AbortError(error instanceof Error ? error : new Error(String(error)));
    }
  };
  try {
    return await pRetry(run, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 0,
      factor: 1,
      onFailedAttempt: async ({ error, attemptNumber }) => {
        if (!(error instanceof RetryableError)) return;
        const wait = delayMs(policy, attemptNumber, error.retryAfterMs);
        if (Date.now() - started + wait > policy.maxElapsedMs) {
          // Some error messages already name the call.
          const said = error.message.startsWith(`${what}: `) ? error.message : `${what}: ${error.message}`;
          fatal = new UnavailableError(
            `${said} (gave up after ${attemptNumber} ${attemptNumber === 1 ? 'try' : 'tries'})`,
            { cause: error },
          );
          throw new AbortError(error);
        }
        meter?.add('retries');
        log?.warn(
          { what, reason: error.message, attempt: attemptNumber, wait_ms: Math.round(wait) },
          'will try again',
        );
        await sleep(wait, undefined, { signal });
      },
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw fatal ?? error;
  }
}
