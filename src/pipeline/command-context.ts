import type { Config } from '../config/schema.ts';
import type { Context } from '../contracts/component.ts';
import { createLog } from './log.ts';
import { createMeter } from './meter.ts';
import { retryPolicyOf } from './setting.ts';
import { anySignal, listenForSignals } from './signals.ts';

/** Outages are not waited out where a person sits in front: a minute is enough to tell. */
const PATIENCE_MS = 60_000;

/** The context of the commands that look and mend rather than carry: quiet logs, short patience, ended by a signal. */
export function commandContext(config: Config): { context: Context; dispose: () => void } {
  const signals = listenForSignals(0);
  const retry = retryPolicyOf(config);
  const context: Context = {
    log: createLog(config.log.level === 'debug' ? 'debug' : 'warn'),
    meter: createMeter(),
    retry: { ...retry, maxElapsedMs: Math.min(retry.maxElapsedMs, PATIENCE_MS) },
    abort: anySignal(signals.stop, signals.abort),
  };
  return { context, dispose: signals.dispose };
}
