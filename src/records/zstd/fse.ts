import { ZstdError } from './error.ts';

/** A finite state entropy table (RFC 8878, 4.1): for each state, its symbol and how to compute the next state. */
export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

export interface FseLimits {
  readonly maxLog: number;
  readonly maxSymbol: number;
}

/** Reads a table's description from `bytes` at `at`; it must end before `to`. */
export function readFse(
  bytes: Uint8Array,
  at: number,
  to: number,
  { maxLog, maxSymbol }: FseLimits,
): { table: FseTable; end: number } {
  let position = at * 8;
  const peek = (count: number): number => {
    const byte = position >> 3;
    // Bits past the end count as zero; whether any were used is checked once, at the end.
    const word =
      (byte < to ? (bytes[byte] ?? 0) : 0) |
      ((byte + 1 < to ? (bytes[byte + 1] ?? 0) : 0) << 8) |
      ((byte + 2 < to ? (bytes[byte + 2] ?? 0) : 0) << 16);
    return (word >> (position & 7)) & ((1 << count) - 1);
  };
  const log = peek(4) + 5;
  position += 4;
  if (log > maxLog) throw new ZstdError('an entropy table is too large');
  const counts: number[] = [];
  let remaining = (1 << log) + 1;
  let threshold = 1 << log;
  let width = log + 1;
  while (remaining > 1) {
    if (counts.length > maxSymbol) throw new ZstdError('an entropy table has too many symbols');
    const most = 2 * threshold - 1 - remaining;
    let count = peek(width - 1);
    if (count < most) position += width - 1;
    else {
      count = peek(width);
      if (count >= threshold) count -= most;
      position += width;
    }
    count -= 1;
    remaining -= Math.abs(count);
    counts.push(count);
    if (count === 0) {
      for (let repeat = 3; repeat === 3 && counts.length <= maxSymbol + 1; ) {
        repeat = peek(2);
        position += 2;
        for (let n = 0; n < repeat; n++) counts.push(0);
      }
    }
    while (remaining < threshold && threshold > 1) {
      width -= 1;
      threshold >>= 1;
    }
  }
  const end = (position + 7) >> 3;
  if (remaining !== 1 || end > to || counts.length > maxSymbol + 1) {
    throw new ZstdError('an entropy table is damaged');
  }
  return { table: buildFse(counts, log), end };
}

/** `counts` by symbol add up to 2^log; -1 is a count below one, which takes one state. */
export function buildFse(counts: readonly number[], log: number): FseTable {
  const size = 1 << log;
  const table = {
    log,
    symbols: new Uint8Array(size),
    bits: new Uint8Array(size),
    bases: new Uint16Array(size),
  };
  const next = new Uint16Array(counts.length);
  let high = size - 1;
  counts.forEach((count, symbol) => {
    next[symbol] = Math.abs(count);
    if (count === -1) table.symbols[high--] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let state = 0;
  counts.forEach((count, symbol) => {
    for (let n = 0; n < count; n++) {
      table.symbols[state] = symbol;
      do state = (state + step) & (size - 1);
      while (state > high);
    }
  });
  if (state !== 0) throw new ZstdError('an entropy table is damaged');
  for (let at = 0; at < size; at++) {
    const symbol = table.symbols[at] ?? 0;
    const count = next[symbol] ?? 1;
    next[symbol] = count + 1;
    const bits = log - (31 - Math.clz32(count));
    table.bits[at] = bits;
    table.bases[at] = (count << bits) - size;
  }
  return table;
}

/** A table with one state that always yields `symbol` and consumes no bits. */
export function singleFse(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) };
}

/**
 * Streams are read backward from their end: the bit below the highest set bit of the last byte. Returned as a bit index
 * from byte 0.
 */
export function streamTop(bytes: Uint8Array, from: number, to: number): number {
  const last = to > from ? (bytes[to - 1] ?? 0) : 0;
  if (last === 0) throw new ZstdError('a bit stream has no end mark');
  return to * 8 - 8 + (31 - Math.clz32(last));
}

/** Up to 25 bits starting at bit `at`. */
export function bitsAt(bytes: Uint8Array, at: number, count: number): number {
  const byte = at >> 3;
  const word = bytes[byte]! | (bytes[byte + 1]! << 8) | (bytes[byte + 2]! << 16) | (bytes[byte + 3]! << 24);
  return (word >>> (at & 7)) & ((1 << count) - 1);
}
