import type { Context } from '../component.ts';
import type { Config } from '../config/schema.ts';
import { createLog } from '../log.ts';
import { shapeOf, sinkOf } from '../sinks/index.ts';
import { sourceOf } from '../sources/index.ts';
import { openStore } from '../state/index.ts';
import { acquireLease } from '../state/lease.ts';
import { createBugs } from './bugs.ts';
import { createBurial } from './burial.ts';
import { conclude } from './conclude.ts';
import { createMeter } from './meter.ts';
import { replayFile } from './replay-file.ts';
import { deadLettersOf, retryPolicyOf, sinkContextOf, sourceContextOf, stateOf } from './setting.ts';
import { listenForSignals } from './signals.ts';
import { transformOf } from './stages.ts';
import { fold, newTally, type Tally } from './tally.ts';

/**
 * Sends every dead letter through the current mapping and removes what is settled. The origin is read again where it
 * still exists, since the letter's text is redacted; the stored text is used only when that is gone. Prints the ledger
 * and returns the exit code.
 */
export async function replay(config: Config, print: (line: string) => void): Promise<number> {
  const log = createLog(config.log.level);
  const signals = listenForSignals(config.pipeline.grace);
  const meter = createMeter();
  const context: Context = { log, meter, retry: retryPolicyOf(config), abort: signals.abort };
  const started = Date.now();
  const tally = newTally();
  let error: unknown;
  let complete = false;
  try {
    const store = await openStore(stateOf(config, false), context);
    const { ttl: ttlMs, renew: renewMs } = config.lease;
    const lease = await acquireLease(store, 'replay', { ttlMs, renewMs, log }, signals.giveUp);
    try {
      complete = await replayAll(config, context, signals.stop, tally);
      if (!complete) error = signals.stop.reason;
    } finally {
      await lease.release();
    }
  } catch (failed) {
    error = failed;
  }
  signals.dispose();
  return conclude(config, log, print, {
    command: 'replay',
    started,
    tally,
    counters: meter.counts,
    error,
    complete,
  });
}

/** False when it was told to stop before the last file. */
async function replayAll(
  config: Config,
  context: Context,
  stop: AbortSignal,
  tally: Tally,
): Promise<boolean> {
  const letters = await deadLettersOf(config, context);
  const source = await sourceOf(config.source).create(
    sourceContextOf(config, context, async () => undefined),
  );
  const sink = await sinkOf(config.sink).create(sinkContextOf(config, context));
  const transform = transformOf(config, shapeOf(config.sink));
  const bugs = createBugs(context.log);
  const burial = createBurial({
    deadLetters: letters,
    log: context.log,
    maxPerRun: Number.POSITIVE_INFINITY,
  });
  try {
    for await (const { name, letters: some } of letters.files()) {
      if (stop.aborted) return false;
      const options = { source, stages: { ...transform, sink, bugs }, burial, signal: context.abort };
      const { tally: sent, left } = await replayFile(some, options);
      fold(tally, sent);
      await letters.replace(name, left);
    }
    return true;
  } finally {
    await sink.close?.();
    await source.close?.();
  }
}
