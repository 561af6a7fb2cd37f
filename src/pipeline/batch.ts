import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Fate, fateOf, worse } from '../account/fates.ts';
import { addFate, count, createTally, type Tally } from '../account/tally.ts';
import type { Batch, Outcome } from '../contracts/types.ts';
import { type MemberText, memberTexts } from '../detections/member-text.ts';
import { createFaults } from '../letters/faulty.ts';
import type { Undelivered } from '../letters/letter.ts';
import { type Pending, type Slice, slicesOf } from './slices.ts';
import type { Stages } from './stages.ts';

const NOW = Promise.resolve();

/**
 * Looks up, decodes, filters, maps and writes one batch, slice by slice; its dead letters are durable when this
 * resolves. `turn` resolves when all batches read before it are settled.
 */
export async function processBatch(
  batch: Pick<Batch, 'records'>,
  stages: Stages,
  signal: AbortSignal,
  turn: Promise<void> = NOW,
): Promise<Tally> {
  await stages.ready?.();
  const tally = createTally();
  const faults = createFaults();
  const textOf = memberTexts(stages.redactor);
  await stages.lookUp?.(batch.records, signal);
  let slices = 0;
  for (const slice of slicesOf(batch, stages, Date.now(), tally, faults)) {
    // Records that make no documents never wait for a sink, so give other batches a turn here.
    if (slices > 0) await nextTurn();
    slices += 1;
    signal.throwIfAborted();
    await write(slice, stages, signal, tally, textOf);
  }
  await turn;
  signal.throwIfAborted();
  await stages.burial?.faults(faults);
  return tally;
}

async function write(
  { pending, documents, free }: Slice,
  stages: Stages,
  signal: AbortSignal,
  tally: Tally,
  textOf: MemberText,
): Promise<void> {
  if (stages.limiter !== undefined) await stages.limiter.take(documents.length, signal);
  const outcomes = documents.length === 0 ? [] : await stages.sink.write(documents, signal);
  if (outcomes.length !== documents.length) {
    throw new Error(`the sink returned ${outcomes.length} outcomes for ${documents.length} documents`);
  }
  tally.documents += documents.length;
  const rejected: { one: Pending; reason: string }[] = [];
  for (const one of pending) {
    const { fate, droppedBy, reason } = judge(one, outcomes);
    // Filters count detections, like the fate that they explain.
    if (fate === 'filtered' && droppedBy !== undefined) count(tally.filters, droppedBy);
    if (reason !== undefined) rejected.push({ one, reason });
    addFate(tally, one.kind, fate);
  }
  free?.();
  if (rejected.length > 0) await stages.burial?.rejected(rejections(rejected, textOf));
}

function judge({ from, to }: Pending, outcomes: readonly Outcome[]) {
  let fate: Fate = 'duplicate';
  let droppedBy: string | undefined;
  let reason: string | undefined;
  for (let at = from; at < to; at += 1) {
    const outcome = outcomes[at];
    if (outcome === undefined) continue;
    fate = worse(fate, fateOf(outcome));
    if (outcome.fate === 'filtered') droppedBy ??= outcome.by;
    if (outcome.fate === 'rejected') reason ??= outcome.reason;
  }
  return { fate, droppedBy, reason };
}

/** One after the other: their texts together may take much more memory than the batch. */
function* rejections(
  rejected: readonly { readonly one: Pending; readonly reason: string }[],
  textOf: MemberText,
): Generator<Undelivered> {
  for (const { one, reason } of rejected) {
    const { record, index, kind, uid } = one;
    // If alone in its record, keep all of the record; in a group, only this member.
    const text = index === undefined ? undefined : textOf(record, index);
    yield { record, index, uid, kind, stage: 'write', code: 'rejected', reason, text };
  }
}
