import type { SourceRecord } from '../../contracts/types.ts';
import type { Decoded } from '../../detections/decoded.ts';
import type { DeadLetters } from '../../letters/dead-letters.ts';
import { type DeadLetter, isRestOfObject, letterId, spansOf } from '../../letters/letter.ts';
import { isIn, type Span } from '../../letters/spans.ts';
import type { Trace } from '../../letters/trace.ts';
import { createUidSet } from '../../text/uid-set.ts';

type Range = Pick<Span, 'first' | 'last'>;

/** Why a detection need not be stored: a letter covers it, or did until it was discarded. */
export type Explained = 'dead_lettered' | 'discarded' | undefined;

/** What is or was in the dead letters. */
export interface Letters {
  cover(record: SourceRecord, index: number | undefined, uid: string): Explained;
  /** The same for something that cannot be decoded. */
  coverFault(record: SourceRecord, entry: Extract<Decoded, { fault: unknown }>): Explained;
}

/** Reads all letters, file by file. Keeps only the ids, and the places for letters that cover several parts. */
export async function readLetters(deadLetters: Pick<DeadLetters, 'files' | 'discarded'>): Promise<Letters> {
  const letters = createIndex();
  const traces = createIndex();
  for await (const file of deadLetters.files()) for (const letter of file.letters) letters.add(letter);
  for await (const trace of deadLetters.discarded()) traces.add(trace);
  const explained = (isCovered: (index: Index) => boolean): Explained =>
    isCovered(letters) ? 'dead_lettered' : isCovered(traces) ? 'discarded' : undefined;
  return {
    cover: (record, index, uid) => explained((known) => known.cover(record, index, uid)),
    coverFault: (record, entry) => explained((known) => known.coverFault(record, entry)),
  };
}

type Index = ReturnType<typeof createIndex>;

function createIndex() {
  const uids = createUidSet();
  const ids = createUidSet();
  const groups = new Map<string, Range[]>();
  const rests = new Map<string, Range[]>();
  /** The offset from which a letter covers the rest of an object. */
  const wholes = new Map<string, number>();
  const isCovered = (ranges: ReadonlyMap<string, Range[]>, { origin, offset }: SourceRecord, index: number) =>
    ranges.size > 0 && (ranges.get(keyOf(origin))?.some((range) => isIn(range, { offset, index })) ?? false);
  return {
    add(letter: Trace | DeadLetter) {
      ids.add(letter.id);
      if (letter.uid !== undefined) uids.add(letter.uid);
      if (letter.whole === true) wholes.set(keyOf(letter.origin), letter.origin.offset);
      if (letter.rest !== undefined) keep(isRestOfObject(letter) ? rests : groups, letter);
    },
    cover: (record: SourceRecord, index: number | undefined, uid: string) =>
      uids.has(uid) ||
      (index !== undefined && isCovered(groups, record, index)) ||
      (wholes.size > 0 && record.offset >= (wholes.get(keyOf(record.origin)) ?? Number.POSITIVE_INFINITY)),
    coverFault(record: SourceRecord, { fault, index, count = 1 }: Extract<Decoded, { fault: unknown }>) {
      const stage = record.fault === undefined ? 'decode' : 'read';
      if (ids.has(letterId({ record, index, stage, ...fault }))) return true;
      const last = (index ?? 0) + count - 1;
      return isCovered(rests, record, last) || isCovered(groups, record, last);
    },
  };
}

function keep(ranges: Map<string, Range[]>, letter: Trace | DeadLetter): void {
  const key = keyOf(letter.origin);
  const known = ranges.get(key) ?? [];
  for (const { first, last } of spansOf(letter)) known.push({ first, last });
  ranges.set(key, known);
}

function keyOf({ uri, version }: { readonly uri: string; readonly version?: string | undefined }): string {
  return `${uri}\0${version ?? ''}`;
}
