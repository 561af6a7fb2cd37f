import type { Config } from '../../../config/schema.ts';
import type { Context } from '../../../contracts/component.ts';
import { createBurial } from '../../../letters/burial.ts';
import { createBugs } from '../../../pipeline/bugs.ts';
import { conclude } from '../../../pipeline/conclude.ts';
import { withoutRun } from '../../../pipeline/lease.ts';
import { createLog } from '../../../pipeline/log.ts';
import { createMeter } from '../../../pipeline/meter.ts';
import { deadLettersOf, retryPolicyOf, sinkContextOf, sourceContextOf } from '../../../pipeline/setting.ts';
import { listenForSignals } from '../../../pipeline/signals.ts';
import { transformOf } from '../../../pipeline/stages.ts';
import { newTally, type Tally } from '../../../pipeline/tally.ts';
import { shapeOf, sinkOf } from '../../../sinks/index.ts';
import { sourceOf } from '../../../sources/index.ts';
import { replayFile } from './file.ts';
import { replayFiles, replayNamed } from './tries.ts';

export interface ReplayOptions {
  readonly config: Config;
  /** Only the letters whose id begins like this. */
  readonly id?: string | undefined;
  readonly print: (line: string) => void;
}

/**
 * Sends every dead letter through the current mapping and removes what is settled. The origin is read again where it
 * still exists, since the letter's text is redacted; the stored text is used only when that is gone. Prints the ledger
 * and returns the exit code: 5 beside a run under way.
 */
export async function replay(options: ReplayOptions): Promise<number> {
  const { config, print } = options;
  const log = createLog(config.log.level);
  const signals = listenForSignals(config.pipeline.grace);
  const meter = createMeter();
  const context: Context = { log, meter, retry: retryPolicyOf(config), abort: signals.abort };
  const started = Date.now();
  const tally = newTally();
  let error: unknown;
  let complete = false;
  try {
    complete = await withoutRun(config, context, { stateRequired: false, lost: signals.giveUp }, () =>
      replayAll(options, context, signals.stop, tally),
    );
    if (!complete) error = signals.stop.reason;
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

/** False when it was told to stop before the end. */
async function replayAll(
  { config, id }: ReplayOptions,
  context: Context,
  stop: AbortSignal,
  tally: Tally,
): Promise<boolean> {
  const { log } = context;
  const letters = await deadLettersOf(config, context);
  const source = await sourceOf(config.source).create(
    sourceContextOf(config, context, async () => undefined),
  );
  const sink = await sinkOf(config.sink).create(sinkContextOf(config, context));
  const stages = { ...transformOf(config, shapeOf(config.sink)), sink, bugs: createBugs(log) };
  const burial = createBurial({ deadLetters: letters, log, maxPerRun: Number.POSITIVE_INFINITY });
  try {
    const replaying = {
      letters,
      send: (some: Parameters<typeof replayFile>[0]) =>
        replayFile(some, { source, stages, burial, stop, signal: context.abort }),
      stop,
      log,
      tally,
    };
    return id === undefined ? await replayFiles(replaying) : await replayNamed(id, replaying);
  } finally {
    await sink.close?.();
    await source.close?.();
  }
}
