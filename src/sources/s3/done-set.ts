import { ID_BYTES } from '../../objects/identity.ts';

const ENTRY = ID_BYTES;
/** Number of unsorted entries before they are merged; bounds memory and the cost of a lookup. */
const MERGE_AT = 8_192;
/** The first 16 bytes of a part: they identify it, so that anything else is refused. */
const HEADER = Buffer.from('s3 done set v1\n\n', 'latin1');

/**
 * A set of 16-byte entries that costs 16 bytes each, in memory and in the checkpoint: a header and the entries, sorted.
 * 2 million are 32 MB.
 */
export interface DoneSet {
  /** Ids are from `objectId`. */
  has(id: string): boolean;
  add(id: string): void;
  readonly size: number;
  /** The set as a part of the checkpoint. Never modified afterwards, so it may be kept without a copy. */
  bytes(): Buffer;
}

/** The set in a part; undefined if the bytes are not a part. */
export function readDoneSet(part: Buffer): DoneSet | undefined {
  const valid = part.length % ENTRY === 0 && part.subarray(0, ENTRY).equals(HEADER);
  return valid ? createDoneSet(part) : undefined;
}

export function createDoneSet(part: Buffer = HEADER): DoneSet {
  let sorted = part;
  const added = new Set<string>();

  const has = (id: string): boolean => {
    if (added.has(id)) return true;
    const entry = Buffer.from(id, 'latin1');
    const at = lowerBound(sorted, entry);
    return at < sorted.length && compareAt(sorted, at, entry) === 0;
  };
  const flush = (): void => {
    if (added.size === 0) return;
    sorted = merge(
      sorted,
      [...added].map((id) => Buffer.from(id, 'latin1')),
    );
    added.clear();
  };
  return {
    has,
    add(id) {
      if (has(id)) return;
      added.add(id);
      if (added.size >= MERGE_AT) flush();
    },
    get size() {
      return added.size + sorted.length / ENTRY - 1;
    },
    bytes() {
      flush();
      return sorted;
    },
  };
}

function compareAt(bytes: Buffer, at: number, entry: Buffer): number {
  // The first four bytes nearly always decide, and reading a number is far cheaper than a call into native code.
  const difference = bytes.readUInt32BE(at) - entry.readUInt32BE(0);
  return difference === 0 ? bytes.compare(entry, 0, ENTRY, at, at + ENTRY) : difference;
}

/** Offset of the first entry not below `entry`. */
function lowerBound(bytes: Buffer, entry: Buffer): number {
  let low = 1;
  let high = bytes.length / ENTRY;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(bytes, middle * ENTRY, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low * ENTRY;
}

/** A new buffer with the entries of both; `added` must not contain any of `sorted`. */
function merge(sorted: Buffer, added: Buffer[]): Buffer {
  added.sort((a, b) => a.compare(b));
  const merged = Buffer.allocUnsafe(sorted.length + added.length * ENTRY);
  let from = 0;
  let to = 0;
  for (const entry of added) {
    const until = lowerBound(sorted, entry);
    to += sorted.copy(merged, to, from, until);
    to += entry.copy(merged, to);
    from = until;
  }
  sorted.copy(merged, to, from);
  return merged;
}
