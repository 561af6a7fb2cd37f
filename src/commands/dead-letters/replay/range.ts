import { addFate, createTally, fold, type Tally, UNDECODABLE } from '../../../account/tally.ts';
import type { Source, SourceRecord } from '../../../contracts/types.ts';
import type { Decoded, DecodedRecord, Entries } from '../../../detections/decoded.ts';
import type { Burial } from '../../../letters/burial.ts';
import { type DeadLetter, spansOf, withRest } from '../../../letters/letter.ts';
import { append, beyond, MAX_SPANS, type Span, type Spot } from '../../../letters/spans.ts';
import { processBatch } from '../../../pipeline/batch.ts';
import { type Bugs, entryAt } from '../../../pipeline/bugs.ts';
import { type Stages } from '../../../pipeline/stages.ts';
import { inBatches, originOf } from './reading.ts';

export interface RangeReplay {
  readonly source: Pick<Source, 'fetch'>;
  readonly stages: Omit<Stages, 'burial'>;
  /** For what can be decoded now but is rejected. */
  readonly burial: Burial;
  /** Asks to end: the object is left at the place reached. */
  readonly stop: AbortSignal;
  readonly signal: AbortSignal;
}

/**
 * Reads the range of a letter again, and sends the part that the letter stands for and that can be decoded now. Returns
 * what remains of the letter: all of it if the content is gone.
 */
export async function replayRange(
  letter: DeadLetter,
  { source, stages, burial, signal }: RangeReplay,
): Promise<{ readonly tally: Tally; readonly left: DeadLetter | undefined }> {
  const wanted = spansOf(letter);
  const { count = 1, last = letter.origin.offset } = letter.rest ?? {};
  const tally = createTally();
  const still: Span[] = [];
  let reached: Spot | undefined;
  const remembering: Burial = {
    ...burial,
    async faults({ objects }) {
      for (const { spans } of objects) for (const span of spans) append(still, span, MAX_SPANS);
    },
  };
  const decode = function* (records: readonly SourceRecord[], receivedMs: number): Generator<DecodedRecord> {
    for (const read of stages.decode(records, receivedMs)) {
      const entries = within(read, rangesAt(wanted, read.record.offset, read.entries.length), stages.bugs);
      if (entries.length > 0) yield { ...read, entries };
    }
  };
  const isWanted = ({ offset }: SourceRecord): boolean =>
    wanted.some((span) => span.first.offset <= offset && offset <= span.last.offset);
  const records = source.fetch?.(originOf(letter), letter.origin.offset, last) ?? [];
  for await (const batch of inBatches(records, isWanted, stages.bounds)) {
    fold(tally, await processBatch({ records: batch }, { ...stages, decode, burial: remembering }, signal));
    const offset = batch.at(-1)?.offset;
    if (offset !== undefined) reached = { offset, index: Number.MAX_SAFE_INTEGER };
  }
  const unread = beyond(
    wanted.map((span) => ({ ...span, count: 0, joined: false })),
    reached,
  );
  const missing = unread.length === 0 ? 0 : Math.max(0, count - tally.read);
  tally.read += missing;
  addFate(tally, UNDECODABLE, 'dead_lettered', missing);
  for (const span of unread) append(still, span, MAX_SPANS);
  const remaining = still.reduce((sum, span) => sum + span.count, missing);
  return { tally, left: still.length === 0 ? undefined : withRest(letter, still, Math.max(1, remaining)) };
}

type Range = readonly [from: number, to: number];

/** Places among the entries of the record at `offset` that are in these spans; ends are exclusive. */
function rangesAt(
  spans: readonly { readonly first: Spot; readonly last: Spot }[],
  offset: number,
  length: number,
): Range[] {
  const ranges: Range[] = [];
  for (const { first, last } of spans) {
    if (first.offset > offset || last.offset < offset) continue;
    const from = first.offset === offset ? first.index : 0;
    const to = last.offset === offset ? Math.min(length, last.index + 1) : length;
    if (from < to) ranges.push([from, to]);
  }
  return ranges;
}

function within(read: DecodedRecord, ranges: readonly Range[], bugs: Bugs): Entries {
  const length = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const at = (index: number): Decoded | undefined => {
    let left = index;
    for (const [from, to] of ranges) {
      if (left < to - from) return entryAt(read, from + left, bugs);
      left -= to - from;
    }
    return undefined;
  };
  return {
    length,
    at,
    *[Symbol.iterator]() {
      for (const [from, to] of ranges) {
        for (let index = from; index < to; index += 1) {
          const entry = entryAt(read, index, bugs);
          if (entry !== undefined) yield entry;
        }
      }
    },
  };
}
