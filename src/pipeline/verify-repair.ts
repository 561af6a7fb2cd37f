import type { Batch, Sink } from '../types.ts';
import { processBatch, type Stages } from './batch.ts';
import { type Fate, fateOf, worse } from './fates.ts';
import { firstOf } from './filters.ts';
import type { Verdict } from './verification.ts';
import { type Exported, letterIdOf } from './verify-batch.ts';

/** The verdict of what was missing, by what became of it now. */
const AFTER: Record<Fate, Verdict> = {
  delivered: 'repaired',
  duplicate: 'stored',
  filtered: 'dropped',
  dead_lettered: 'dead_lettered',
};

/** Sends what is missing of a batch, and nothing else of it, through the path of a run; its verdicts are changed. */
export async function repairBatch(
  batch: Batch,
  exported: readonly Exported[],
  stages: Stages,
  signal: AbortSignal,
): Promise<void> {
  const missing = exported.filter(({ verdict }) => verdict === 'missing');
  if (missing.length === 0) return;
  const uids = new Set(missing.flatMap(({ uid }) => uid ?? []));
  const letters = new Set(missing.flatMap(({ letter }) => letter ?? []));
  const fates = new Map<string, Fate>();
  await processBatch(
    batch,
    {
      ...stages,
      *decode(records, receivedMs) {
        for (const { record, entries } of stages.decode(records, receivedMs)) {
          const wanted = entries.filter(
            (entry) => !('fault' in entry) || letters.has(letterIdOf(record, entry)),
          );
          yield { record, entries: wanted };
        }
      },
      // Once: the batch may hold it twice.
      filter: firstOf(stages.filter, ({ uid }) => (uids.delete(uid) ? undefined : 'not_missing')),
      sink: watched(stages.sink, fates),
    },
    signal,
  );
  for (const entry of missing) {
    if (entry.letter !== undefined) entry.verdict = 'dead_lettered';
    const fate = fates.get(entry.uid ?? '');
    if (fate !== undefined) entry.verdict = AFTER[fate];
  }
}

function watched(sink: Sink, fates: Map<string, Fate>): Sink {
  return {
    schema: sink.schema,
    async write(documents, signal) {
      const outcomes = await sink.write(documents, signal);
      for (const [at, { uid }] of documents.entries()) {
        const outcome = outcomes[at];
        if (outcome !== undefined) fates.set(uid, worse(fates.get(uid) ?? 'duplicate', fateOf(outcome)));
      }
      return outcomes;
    },
  };
}
