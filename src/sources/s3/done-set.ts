import { hash } from 'node:crypto';

const ENTRY = 16;
/** How many entries wait unsorted before they are merged; bounds memory and the cost of a look-up. */
const MERGE_AT = 8_192;
/** The part's first 16 bytes: what it is, so that anything else is refused. */
const HEADER = Buffer.from('s3 done set v1\n\n', 'latin1');

/** The 16 bytes that stand for one version of one object. */
export function entryOf(key: string, version: string): Buffer {
  return hash('sha256', `${key}\0${version}`, 'buffer').subarray(0, ENTRY);
}

/**
 * A set of 16-byte entries that costs 16 bytes each, in memory and in the checkpoint: a header and the entries, sorted.
 * 2 million are 32 MB.
 */
export interface DoneSet {
  has(entry: Buffer): boolean;
  add(entry: Buffer): void;
  readonly size: number;
  /** The set as a part of the checkpoint. Never written to afterwards, so it may be kept without a copy. */
  bytes(): Buffer;
}

/** Reads a part; undefined when the bytes are not one. Absent bytes make an empty set. */
export function doneSet(stored?: Buffer): DoneSet | undefined {
  if (stored !== undefined && !isPart(stored)) return undefined;
  let sorted = stored ?? HEADER;
  const added = new Map<string, Buffer>();

  const has = (entry: Buffer): boolean =>
    added.has(entry.toString('latin1')) || holds(sorted, lowerBound(sorted, entry), entry);
  const flush = (): void => {
    if (added.size === 0) return;
    sorted = merge(sorted, [...added.values()]);
    added.clear();
  };
  return {
    has,
    add(entry) {
      if (has(entry)) return;
      // A copy: a slice of a shared pool would keep all of the pool alive.
      added.set(entry.toString('latin1'), Buffer.from(entry));
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

function isPart(bytes: Buffer): boolean {
  return bytes.length % ENTRY === 0 && bytes.subarray(0, ENTRY).equals(HEADER);
}

function compareAt(bytes: Buffer, at: number, entry: Buffer): number {
  // The first four bytes decide nearly always, and reading a number is far cheaper than a call into native code.
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

function holds(bytes: Buffer, at: number, entry: Buffer): boolean {
  return at < bytes.length && compareAt(bytes, at, entry) === 0;
}

/** A new buffer with the entries of both; `added` holds none of `sorted`. */
function merge(sorted: Buffer, added: Buffer[]): Buffer {
  added.sort(Buffer.compare);
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
