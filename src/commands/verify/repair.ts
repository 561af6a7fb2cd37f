import { type Fate, fateOf, worse } from '../../account/fates.ts';
import type { Sink } from '../../contracts/types.ts';
import type { Decoded, DecodedRecord } from '../../detections/decoded.ts';
import { processBatch } from '../../pipeline/batch.ts';
import { type Stages } from '../../pipeline/stages.ts';
import type { Exported } from './batch.ts';
import type { Verdict } from './verification.ts';

/** The new verdict of something that was missing, by its fate now. */
const AFTER: Record<Fate, Verdict> = {
  delivered: 'repaired',
  duplicate: 'stored',
  filtered: 'dropped',
  dead_lettered: 'dead_lettered',
};

/** Sends what is missing, and nothing else, the way a run would; updates its verdicts. */
export async function repair(
  exported: readonly Exported[],
  stages: Stages,
  signal: AbortSignal,
): Promise<void> {
  const missing = exported.filter(({ verdict }) => verdict === 'missing');
  if (missing.length === 0) return;
  const fates = new Map<string, Fate>();
  const decode = (): DecodedRecord[] => onlyThese(missing);
  await processBatch({ records: [] }, { ...stages, decode, sink: watched(stages.sink, fates) }, signal);
  for (const entry of missing) {
    if (entry.uid === undefined) entry.verdict = 'dead_lettered';
    const fate = fates.get(entry.uid ?? '');
    if (fate !== undefined) entry.verdict = AFTER[fate];
  }
}

/** The records of these entries, with nothing else in them. */
function onlyThese(entries: readonly Exported[]): DecodedRecord[] {
  const byRead = new Map<DecodedRecord, Exported[]>();
  for (const one of entries) {
    const known = byRead.get(one.source.read);
    if (known === undefined) byRead.set(one.source.read, [one]);
    else known.push(one);
  }
  return [...byRead].map(([read, wanted]) => ({
    ...read,
    entries: {
      length: wanted.length,
      at: (index: number) => wanted[index]?.source.entry(),
      *[Symbol.iterator](): Generator<Decoded> {
        for (const { source } of wanted) {
          const entry = source.entry();
          if (entry !== undefined) yield entry;
        }
      },
    },
  }));
}

function watched(sink: Sink, fates: Map<string, Fate>): Sink {
  return {
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
