import { EXPANSION_FLOOR } from '../contracts/source.ts';
import type { Decoded, DecodedRecord } from '../detections/decoded.ts';
import { type Bounds, DEFAULT_BOUNDS } from '../session/bounds.ts';
import { type Bugs, entryAt } from './bugs.ts';

/**
 * Documents are about three times as long as their records, so an ordinary batch stays whole. A batch of the
 * shortest possible records becomes a hundred times its size.
 */
const ORDINARY_GROWTH = 4;

/** Handles the entries of a batch, in order. */
export interface Visitor {
  /** Called before the entries of each record. */
  enter(read: DecodedRecord): void;
  /** Returns the bytes of the result. `at` is the entry's index; a cut group ends with an entry that has none. */
  take(read: DecodedRecord, entry: Decoded, at: number | undefined): number;
}

/**
 * Visits every entry, and yields whenever a slice is full: from members of groups, or because records grow far more
 * than usual. A group that grows too much is cut: one fault represents the rest of it, which is neither decoded nor
 * mapped.
 */
export function* walk(
  reads: Iterable<DecodedRecord>,
  { bounds = DEFAULT_BOUNDS, bugs }: { readonly bounds?: Bounds; readonly bugs: Bugs },
  visitor: Visitor,
): Generator<void, void, undefined> {
  let members = 0;
  let grown = 0;
  let written = 0;
  for (const read of reads) {
    if (written >= bounds.bytes * ORDINARY_GROWTH) {
      yield;
      members = 0;
      grown = 0;
      written = 0;
    }
    visitor.enter(read);
    const { entries, group } = read;
    if (group === undefined) {
      let at = 0;
      for (const entry of entries) written += visitor.take(read, entry, at++);
      continue;
    }
    const allowance = Math.max(EXPANSION_FLOOR, group.bytes * bounds.expansion);
    let produced = 0;
    let next = 0;
    for (let at = 0; at < entries.length; at += 1) {
      if (members >= bounds.records || grown >= bounds.bytes) {
        yield;
        members = 0;
        grown = 0;
        written = 0;
      }
      if (produced > allowance) {
        visitor.take(read, cut(next, entries.length - at, bounds), undefined);
        break;
      }
      const entry = entryAt(read, at, bugs);
      if (entry === undefined) continue;
      const { index = next } = entry;
      next = index + 1;
      const made = visitor.take(read, entry, at);
      const bytes = Math.max(made, group.costOf(index));
      written += made;
      produced += bytes;
      grown += bytes;
      members += 1;
    }
  }
}

function cut(index: number, count: number, { expansion }: Bounds): Decoded {
  const reason = `the members of the group, each with the fields of their parent, are over ${expansion} times the size of the record (limits.expansion): the last ${count} of them are left out`;
  return { fault: { code: 'expansion_too_large', reason }, index, count };
}
