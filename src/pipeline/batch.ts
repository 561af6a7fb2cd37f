import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DecodedRecord } from '../detections/decoded.ts';
import type { Detection } from '../detections/detection.ts';
import { type MemberText, memberTexts } from '../detections/member-text.ts';
import type { Mapper } from '../mapping/document.ts';
import type { Pages } from '../mapping/pages.ts';
import type { Batch, Document, Outcome, Sink, SourceRecord } from '../types.ts';
import type { Bugs } from './bugs.ts';
import type { Burial } from './burial.ts';
import { type Fate, fateOf, worse } from './fates.ts';
import { gatherFaults } from './faulty.ts';
import type { Filter } from './filters.ts';
import type { Failure } from './letter.ts';
import type { Limiter } from './limiter.ts';
import { type Pending, type Slice, slicesOf } from './slices.ts';
import { count, newTally, settle, type Tally } from './tally.ts';
import type { Bounds } from './walk.ts';

/** What happens to a batch between source and ack. */
export interface Stages {
  /** Each record and what it held, in order. */
  readonly decode: (records: readonly SourceRecord[], receivedMs: number) => Iterable<DecodedRecord>;
  readonly filter: Filter;
  readonly map: Mapper;
  /** Where `map` writes: opened for each slice of a batch, and free again when it is settled. */
  readonly pages?: Pages;
  /** How much of a batch is worked on at once. */
  readonly bounds?: Bounds;
  readonly sink: Sink;
  /** Absent in a dry run, where dead letters are only counted. */
  readonly burial?: Burial;
  /** What becomes of a record over which one of the stages above throws. */
  readonly bugs: Bugs;
  readonly limiter?: Limiter;
  /** Sees every detection that will be sent, for `--dry-run` and the demo. */
  readonly observe?: (detection: Detection, documents: readonly Document[]) => void;
}

const NOW = Promise.resolve();

/**
 * Decodes, filters, maps and writes one batch, slice by slice; its dead letters are durable when this resolves. `turn`
 * resolves when all batches read before it are settled.
 */
export async function processBatch(
  batch: Pick<Batch, 'records'>,
  stages: Stages,
  signal: AbortSignal,
  turn: Promise<void> = NOW,
): Promise<Tally> {
  const tally = newTally();
  const faults = gatherFaults();
  const textOf = memberTexts();
  let slices = 0;
  for (const slice of slicesOf(batch, stages, Date.now(), tally, faults)) {
    // What makes no documents never waits for a sink: others get their turn all the same.
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
    throw new Error(`the sink answered ${outcomes.length} outcomes for ${documents.length} documents`);
  }
  const rejected: { one: Pending; reason: string }[] = [];
  for (const one of pending) {
    const { fate, droppedBy, reason } = judge(one, outcomes);
    // Filters count detections, as the fate they explain does.
    if (fate === 'filtered' && droppedBy !== undefined) count(tally.filters, droppedBy);
    if (reason !== undefined) rejected.push({ one, reason });
    settle(tally, one.kind, fate);
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

/** One after the other: their texts together may weigh much more than the batch. */
function* rejections(
  rejected: readonly { readonly one: Pending; readonly reason: string }[],
  textOf: MemberText,
): Generator<Failure> {
  for (const { one, reason } of rejected) {
    const { record, index, kind, uid } = one;
    // Alone in its record, it is kept with all that came with it; of a group, only itself.
    const text = index === undefined ? undefined : textOf(record, index);
    yield { record, index, uid, kind, stage: 'write', code: 'rejected', reason, text };
  }
}
