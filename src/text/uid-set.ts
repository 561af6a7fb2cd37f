import { hash } from 'node:crypto';

/** A set of texts, stored as 16 bytes of their hash: 20 to 40 bytes per text, whatever its length. */
export interface UidSet {
  has(uid: string): boolean;
  /** True if it was not in the set yet. */
  add(uid: string): boolean;
  readonly size: number;
}

const WORDS = 4;
/** One table per first byte, so that growing copies only a small one. */
const TABLES = 256;
const FIRST_CAPACITY = 16;
const FULL = 0.75;

interface Table {
  /** Four words per entry; an empty slot is all zeros, which no hash ever is. The capacity is a power of two. */
  words: Uint32Array;
  used: number;
}

export function createUidSet(): UidSet {
  const tables = Array.from(
    { length: TABLES },
    (): Table => ({ words: new Uint32Array(FIRST_CAPACITY * WORDS), used: 0 }),
  );
  let size = 0;
  const tableOf = (entry: Uint32Array): Table => {
    const table = tables[(entry[0] ?? 0) % TABLES];
    if (table === undefined) throw new Error('there is a table for every byte');
    return table;
  };
  return {
    has(uid) {
      const entry = entryOf(uid);
      const { words } = tableOf(entry);
      return !isEmpty(words, slotOf(words, entry));
    },
    add(uid) {
      const entry = entryOf(uid);
      const table = tableOf(entry);
      const slot = slotOf(table.words, entry);
      if (!isEmpty(table.words, slot)) return false;
      table.words.set(entry, slot);
      table.used += 1;
      size += 1;
      if (table.used * WORDS > table.words.length * FULL) table.words = grown(table.words);
      return true;
    },
    get size() {
      return size;
    },
  };
}

function entryOf(uid: string): Uint32Array {
  const bytes = hash('sha256', uid, 'buffer');
  return Uint32Array.of(
    bytes.readUInt32LE(0),
    bytes.readUInt32LE(4),
    bytes.readUInt32LE(8),
    bytes.readUInt32LE(12),
  );
}

/** The slot of the entry, or the empty slot where it belongs: found by probing from the position its hash gives. */
function slotOf(words: Uint32Array, entry: Uint32Array): number {
  const mask = words.length - 1;
  let slot = ((entry[1] ?? 0) * WORDS) & mask;
  while (!isEmpty(words, slot) && !isAt(words, slot, entry)) slot = (slot + WORDS) & mask;
  return slot;
}

function isEmpty(words: Uint32Array, slot: number): boolean {
  for (let at = 0; at < WORDS; at += 1) if (words[slot + at] !== 0) return false;
  return true;
}

function isAt(words: Uint32Array, slot: number, entry: Uint32Array): boolean {
  for (let at = 0; at < WORDS; at += 1) if (words[slot + at] !== entry[at]) return false;
  return true;
}

function grown(words: Uint32Array): Uint32Array {
  const larger = new Uint32Array(words.length * 2);
  for (let slot = 0; slot < words.length; slot += WORDS) {
    if (isEmpty(words, slot)) continue;
    const entry = words.subarray(slot, slot + WORDS);
    larger.set(entry, slotOf(larger, entry));
  }
  return larger;
}
