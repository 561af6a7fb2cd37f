import { afterEach, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../../src/contracts/errors.ts';
import type { Signals } from '../../src/session/signals.ts';
import { fakeClock } from '../fake-clock.ts';

const clock = fakeClock();
const { anySignal, listenForSignals } = await import('../../src/session/signals.ts');

describe('signals', () => {
  let signals: Signals | undefined;
  afterEach(() => signals?.dispose());

  it('the first asks to stop, and after the grace period everything is aborted', async () => {
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

  it('the second aborts immediately', () => {
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

  it('are released again, with the grace timer', async () => {
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
