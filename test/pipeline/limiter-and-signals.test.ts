import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../../src/contracts/errors.ts';
import { createLimiter } from '../../src/pipeline/limiter.ts';
import { anySignal, listenForSignals, type Signals } from '../../src/pipeline/signals.ts';
import { never } from './harness.ts';

describe('the limiter', () => {
  it('lets no more go than its rate, over callers that queue', async () => {
    const limiter = createLimiter(1_000);
    const started = performance.now();
    const order: number[] = [];
    await Promise.all([0, 1, 2, 3].map(async (at) => limiter.take(50, never).then(() => order.push(at))));
    const elapsed = performance.now() - started;
    expect(order).toEqual([0, 1, 2, 3]);
    expect(elapsed).toBeGreaterThan(140);
    expect(elapsed).toBeLessThan(1_000);
  });

  it('saves nothing up while idle', async () => {
    const limiter = createLimiter(1_000);
    await sleep(100);
    await limiter.take(50, never);
    const started = performance.now();
    await limiter.take(1, never);
    expect(performance.now() - started).toBeGreaterThan(40);
  });

  it('is left at once on abort, with the reason', async () => {
    const abort = new AbortController();
    const reason = new UnavailableError('grace over');
    const limiter = createLimiter(1);
    await limiter.take(60, abort.signal);
    setTimeout(() => abort.abort(reason), 10);
    await expect(limiter.take(1, abort.signal)).rejects.toBe(reason);
  });
});

describe('signals', () => {
  let signals: Signals | undefined;
  afterEach(() => signals?.dispose());

  it('the first asks to stop, and after the grace all is aborted', async () => {
    signals = listenForSignals(30);
    process.emit('SIGTERM', 'SIGTERM');
    expect([signals.stop.aborted, signals.abort.aborted]).toEqual([true, false]);
    await sleep(80);
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
    await sleep(50);
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
    await sleep(20);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
