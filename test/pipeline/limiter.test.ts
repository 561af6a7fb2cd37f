import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../../src/contracts/errors.ts';
import { fakeClock } from '../fake-clock.ts';

const clock = fakeClock();
const { createLimiter } = await import('../../src/pipeline/limiter.ts');

const never = new AbortController().signal;

describe('the limiter', () => {
  it('lets through no more than its rate, across queued callers', async () => {
    const limiter = createLimiter(1_000);
    const began = Date.now();
    const went: (readonly [at: number, ms: number])[] = [];
    const all = [0, 1, 2, 3].map(async (at) => {
      await limiter.take(50, never);
      went.push([at, Date.now() - began]);
    });
    await clock.pass(1_000);
    await Promise.all(all);
    expect(went).toEqual([
      [0, 0],
      [1, 50],
      [2, 100],
      [3, 150],
    ]);
  });

  it('saves nothing up while idle', async () => {
    const limiter = createLimiter(1_000);
    await clock.pass(100);
    await limiter.take(50, never);
    let gone = false;
    const goes = async (): Promise<void> => {
      await limiter.take(1, never);
      gone = true;
    };
    const next = goes();
    await clock.pass(49);
    expect(gone).toBe(false);
    await clock.pass(1);
    await next;
  });

  it('stops waiting immediately on abort, with the reason', async () => {
    const abort = new AbortController();
    const reason = new UnavailableError('grace over');
    const limiter = createLimiter(1);
    await limiter.take(60, abort.signal);
    const waiting = limiter.take(1, abort.signal);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
