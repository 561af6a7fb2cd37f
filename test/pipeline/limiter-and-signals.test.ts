import { afterEach, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../../src/contracts/errors.ts';
import type { Signals } from '../../src/pipeline/signals.ts';
import { fakeClock } from '../fake-clock.ts';

const clock = fakeClock();
const { createLimiter } = await import('../../src/pipeline/limiter.ts');
const { anySignal, listenForSignals } = await import('../../src/pipeline/signals.ts');

const never = new AbortController().signal;

describe('the limiter', () => {
  it('lets no more go than its rate, over callers that queue', async () => {
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

  it('is left at once on abort, with the reason', async () => {
    const abort = new AbortController();
    const reason = new UnavailableError('grace over');
    const limiter = createLimiter(1);
    await limiter.take(60, abort.signal);
    const waiting = limiter.take(1, abort.signal);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

describe('signals', () => {
  let signals: Signals | undefined;
  afterEach(() => signals?.dispose());

  it('the first asks to stop, and after the grace all is aborted', async () => {
    signals = listenForSignals(30);
    process.emit('SIGTERM', 'SIGTERM');
    expect([signals.stop.aborted, signals.abort.aborted]).toEqual([true, false]);
    await clock.pass(29);
    expect(signals.abort.aborted).toBe(false);
    await clock.pass(1);
    expect(signals.abort.aborted).toBe(true);
    expect(signals.abort.reason).toBeInstanceOf(UnavailableError);
    expect(String(signals.abort.reason)).toContain('within 30 ms');
  });

  it('the second aborts at once', () => {
    signals = listenForSignals(60_000);
    process.emit('SIGINT', 'SIGINT');
    expect(signals.abort.aborted).toBe(false);
    process.emit('SIGTERM', 'SIGTERM');
    expect(String(signals.abort.reason)).toContain('a second SIGTERM');
  });

  it('a lost lease aborts with its own reason', () => {
    signals = listenForSignals(60_000);
    const reason = new Error('lost');
    signals.giveUp(reason);
    expect(signals.abort.reason).toBe(reason);
    expect(signals.stop.aborted).toBe(false);
  });

  it('are let go again, the grace too', async () => {
    const before = process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');
    const mine = listenForSignals(20);
    process.emit('SIGTERM', 'SIGTERM');
    mine.dispose();
    expect(process.listenerCount('SIGTERM') + process.listenerCount('SIGINT')).toBe(before);
    await clock.pass(1_000);
    expect(mine.abort.aborted).toBe(false);
  });

  it('may have any number of listeners without a warning', async () => {
    signals = listenForSignals(10);
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', onWarning);
    const any = anySignal(signals.stop, signals.abort);
    for (const signal of [signals.stop, signals.abort, any]) {
      for (let at = 0; at < 50; at += 1) signal.addEventListener('abort', () => undefined);
    }
    // A warning is emitted in a later tick.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
