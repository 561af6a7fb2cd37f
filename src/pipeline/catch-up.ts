import { createTally, fold, type Tally } from '../account/tally.ts';
import { addTo, withCounters } from '../account/totals.ts';
import type { Batch, Source } from '../contracts/types.ts';
import type { Signals } from '../session/signals.ts';
import type { Checkpoint, Totals } from '../state/checkpoint.ts';
import { runPass } from './pass.ts';
import { probed } from './probe.ts';
import { type Stages } from './stages.ts';

/** One pass with its checkpoint. */
export interface CatchUp {
  readonly tally: Tally;
  readonly unacked: number;
  readonly totals: Totals;
  /** The checkpoint says that the run ended cleanly. */
  readonly clean: boolean;
  /** Everything that the source had was read and settled, and the checkpoint says so. */
  readonly complete: boolean;
  readonly error?: unknown;
}

export interface CatchUpOptions {
  readonly source: Source;
  readonly checkpoint: Checkpoint;
  /** The tally of this pass; grows with each ack. */
  readonly tally?: Tally;
  /** The counters of this pass. */
  readonly counts: ReadonlyMap<string, number>;
  readonly stages: Stages;
  readonly signals: Signals;
  readonly concurrency: number;
  readonly saveIntervalMs: number;
  /**
   * The process ends after this pass, as it does after a signal: if all is settled, the checkpoint is then marked
   * as clean.
   */
  readonly last: boolean;
  /** Parts that a complete pass adds to the last save, e.g. the mark that a backfill is finished. */
  readonly closing?: () => ReadonlyMap<string, Buffer | null>;
  readonly acked?: (tally: Tally, batch: Batch) => void;
}

/**
 * Runs one pass, saving at most every `saveIntervalMs` and at the end. A destination that was sent nothing is
 * probed: otherwise an outage would only show with the next detection. Never throws.
 */
export async function catchUp(options: CatchUpOptions): Promise<CatchUp> {
  const { source, checkpoint, counts, signals, tally = createTally() } = options;
  const destination = probed(options.stages.sink);
  const stages = { ...options.stages, sink: destination.sink };
  const before = checkpoint.totals;
  let totals = before;
  let saved = Date.now();
  const end = await runPass({
    source,
    stages,
    concurrency: options.concurrency,
    stop: signals.stop,
    abort: signals.abort,
    async acked(batchTally, batch) {
      fold(tally, batchTally);
      checkpoint.settle(batchTally.documents);
      totals = withCounters(addTo(totals, batchTally), before, counts);
      options.acked?.(batchTally, batch);
      if (batch.urgent !== true && Date.now() - saved < options.saveIntervalMs) return;
      await checkpoint.save(source.progress(), totals, { clean: false });
      saved = Date.now();
    },
  });
  source.ended?.();
  let { error } = end;
  error ??= await destination.ask(signals);
  let complete = end.complete && error === undefined;
  let clean = (options.last || signals.stop.aborted) && end.unacked === 0;
  try {
    const parts = new Map([...source.progress(), ...(complete ? (options.closing?.() ?? []) : [])]);
    totals = withCounters(totals, before, counts);
    await checkpoint.save(parts, totals, { clean, complete });
  } catch (saveError) {
    error ??= saveError;
    clean = false;
    complete = false;
  }
  return { tally, unacked: end.unacked, totals, clean, complete, ...(error === undefined ? {} : { error }) };
}
