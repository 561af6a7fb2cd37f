import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { RetryPolicy } from '../../src/contracts/component.ts';
import { ConfigError, RetryableError, UnavailableError } from '../../src/contracts/errors.ts';
import type { Log } from '../../src/contracts/types.ts';
import { fakeClock } from '../fake-clock.ts';

const clock = fakeClock();
const { delayMs, parseRetryAfter, retry } = await import('../../src/io/retry.ts');

/** The result, with all waits skipped, and how long they were. */
async function passed<T>(work: Promise<T>): Promise<{ result?: T; error?: unknown; ms: number }> {
  const began = Date.now();
  const ended = work.then(
    (result) => ({ result, ms: Date.now() - began }),
    (error: unknown) => ({ error, ms: Date.now() - began }),
  );
  await clock.pass(3_600_000);
  return ended;
}

const policy: RetryPolicy = { initialMs: 100, maxMs: 1_000, maxElapsedMs: 60_000 };
const quick: RetryPolicy = { initialMs: 1, maxMs: 2, maxElapsedMs: 5_000 };
const never = new AbortController().signal;
const what = 'bulk request to https://es';

describe('how long to wait', () => {
  it('is never more than the capped exponential, and is random below it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const wait = delayMs(policy, attempt, undefined, () => random);
          const cap = Math.min(1_000, 100 * 2 ** (attempt - 1));
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(cap);
          expect(wait).toBeCloseTo(random * cap, 6);
        },
      ),
    );
  });
  it('doubles up to the cap', () => {
    expect([1, 2, 3, 4, 5, 9].map((attempt) => delayMs(policy, attempt, undefined, () => 1))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });
  it('is at least what the server asked for, with a little jitter', () => {
    expect(delayMs(policy, 1, 5_000, () => 0)).toBe(5_000);
    expect(delayMs(policy, 1, 5_000, () => 1)).toBe(6_000);
    expect(delayMs(quick, 1, 0, () => 1)).toBe(2);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 15, 12);
  test.each<[string | null | undefined, number | undefined]>([
    ['120', 120_000],
    ['0', 0],
    [' 7 ', 7_000],
    ['Thu, 15 Jan 2026 12:00:30 GMT', 30_000],
    ['Thu, 15 Jan 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('%j', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });
});

describe('an error that is thrown immediately', () => {
  test.each<[string, unknown]>([
    ['our own bug', new TypeError('x is undefined')],
    ['a configuration error', new ConfigError('no')],
    ['an unavailable one', new UnavailableError('no')],
    ['a value that is not an error', 'just text'],
  ])('%s, unchanged', async (_, thrown) => {
    let tries = 0;
    const failed = retry(
      async () => {
        tries += 1;
        throw thrown;
      },
      { policy: quick, signal: never, what },
    );
    expect(await failed.catch((error: unknown) => error)).toBe(thrown);
    expect(tries).toBe(1);
  });

  it('even after passing failures', async () => {
    const bug = new TypeError('late');
    const failed = retry(
      async (tries) => {
        throw tries < 3 ? new RetryableError('busy') : bug;
      },
      { policy: quick, signal: never, what },
    );
    expect((await passed(failed)).error).toBe(bug);
  });
});

describe('an outage', () => {
  it('is waited out until the time is up, then reported as unavailable with what was tried', async () => {
    let tries = 0;
    const failed = retry(
      async () => {
        tries += 1;
        throw new RetryableError('503 busy');
      },
      { policy: { initialMs: 5, maxMs: 10, maxElapsedMs: 100 }, signal: never, what },
    );
    const { error, ms } = await passed(failed);
    expect(error).toBeInstanceOf(UnavailableError);
    expect((error as Error).message).toBe(
      `${what}: 503 busy (gave up after ${tries} ${tries === 1 ? 'try' : 'tries'})`,
    );
    expect((error as Error).cause).toBeInstanceOf(RetryableError);
    expect(tries).toBeGreaterThan(3);
    expect(ms).toBeGreaterThanOrEqual(90);
    expect(ms).toBeLessThanOrEqual(100);
  });

  it('is not waited for at all when the server asks for more time than is left', async () => {
    const failed = retry(
      async () => {
        throw new RetryableError('429', { retryAfterMs: 60_000 });
      },
      { policy: { ...quick, maxElapsedMs: 1_000 }, signal: never, what },
    );
    const { error, ms } = await passed(failed);
    expect(String(error)).toContain('gave up after 1 try');
    expect(ms).toBe(0);
  });

  it('that passes is counted and logged, once per retry', async () => {
    const counts: string[] = [];
    const lines: Record<string, unknown>[] = [];
    const drop = (): void => undefined;
    const log: Log = { debug: drop, info: drop, error: drop, warn: (fields) => void lines.push(fields) };
    const { result } = await passed(
      retry(
        async (tries) => {
          if (tries < 4) throw new RetryableError('busy');
          return tries;
        },
        { policy: quick, signal: never, what, log, meter: { add: (counter) => void counts.push(counter) } },
      ),
    );
    expect(result).toBe(4);
    expect(counts).toEqual(['retries', 'retries', 'retries']);
    expect(lines).toMatchObject([{ what, reason: 'busy', attempt: 1 }, { attempt: 2 }, { attempt: 3 }]);
  });

  it('waits as long as the server asked', async () => {
    const { ms } = await passed(
      retry(
        async (tries) => {
          if (tries === 1) throw new RetryableError('429', { retryAfterMs: 60 });
        },
        { policy: quick, signal: never, what },
      ),
    );
    expect(ms).toBeGreaterThanOrEqual(60);
    expect(ms).toBeLessThanOrEqual(60 + quick.maxMs);
  });
});

describe('abort', () => {
  const reason = new UnavailableError('grace over');
  it('ends a wait immediately, with its reason', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 20);
    const failed = retry(
      async () => {
        throw new RetryableError('429', { retryAfterMs: 30_000 });
      },
      { policy: { ...policy, maxElapsedMs: 600_000 }, signal: abort.signal, what },
    );
    expect(await passed(failed)).toEqual({ error: reason, ms: 20 });
  });
  it('before the first try: nothing is tried', async () => {
    let tries = 0;
    const failed = retry(async () => (tries += 1), { policy, signal: AbortSignal.abort(reason), what });
    expect(await failed.catch((error: unknown) => error)).toBe(reason);
    expect(tries).toBe(0);
  });
  it.each([new RetryableError('busy'), new TypeError('broken off')])(
    'during a try that then fails: %s',
    async (thrown) => {
      const abort = new AbortController();
      const failed = retry(
        async () => {
          await Promise.resolve();
          abort.abort(reason);
          throw thrown;
        },
        { policy, signal: abort.signal, what },
      );
      expect(await failed.catch((error: unknown) => error)).toBe(reason);
    },
  );
});
