import { ZstdError } from './error.ts';
import { bitsAt, buildFse, type FseTable, readFse, singleFse, streamTop } from './fse.ts';
import type { Literals } from './literals.ts';

/** Tables and offsets that one block passes on to the next. */
export interface SequenceState {
  /** For literal lengths, offsets and match lengths; undefined before the first block with sequences. */
  tables: readonly [FseTable, FseTable, FseTable] | undefined;
  /** The last three offsets, most recent first. */
  readonly offsets: [number, number, number];
}

export function createSequenceState(): SequenceState {
  return { tables: undefined, offsets: [1, 4, 8] };
}

const KINDS = [
  {
    maxLog: 9,
    maxSymbol: 35,
    usual: buildFse(
      [
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1,
        -1, -1, -1,
      ],
      6,
    ),
  },
  {
    maxLog: 8,
    maxSymbol: 31,
    usual: buildFse(
      [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
      5,
    ),
  },
  {
    maxLog: 9,
    maxSymbol: 52,
    usual: buildFse(
      [
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
      ],
      6,
    ),
  },
] as const;

/** Extra bits by code, and the value they are added to. */
function codes(
  plain: number,
  extra: readonly number[],
  first: number,
): { bits: Uint8Array; bases: Int32Array } {
  const bits = Uint8Array.from([...Array<number>(plain).fill(0), ...extra]);
  const bases = new Int32Array(bits.length);
  let base = first;
  bits.forEach((count, code) => {
    bases[code] = base;
    base += 1 << count;
  });
  return { bits, bases };
}

const LITERAL = codes(16, [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], 0);
const MATCH = codes(32, [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], 3);
/** Longer offsets would reach back more than 256 MiB. */
const MAX_OFFSET_CODE = 27;
/** From this length on, `copyWithin` is faster than a loop. */
const LONG_COPY = 48;

/**
 * Executes the sequences of a block (RFC 8878, 3.1.1.3.2): writes literals and matches to `out` starting at `start`, at
 * most `most` bytes; everything before is the history. Returns the index after the last byte. `block` has room for a
 * few bytes after `to`.
 */
export function runSequences(
  block: Uint8Array,
  to: number,
  literals: Literals,
  state: SequenceState,
  out: Uint8Array,
  start: number,
  most: number,
): number {
  const stop = start + most;
  let at = literals.end;
  if (at >= to) throw new ZstdError('the sequences of a block are truncated');
  let count = block[at++] ?? 0;
  if (count > 127) {
    const extra = count === 255 ? 2 : 1;
    if (at + extra > to) throw new ZstdError('the sequences of a block are truncated');
    if (extra === 2) count = 0x7f00 + ((block[at] ?? 0) | ((block[at + 1] ?? 0) << 8));
    else count = ((count - 128) << 8) | (block[at] ?? 0);
    at += extra;
  }
  let next = start;
  let from = literals.at;
  const end = literals.at + literals.length;
  const text = literals.bytes;
  if (count === 0) {
    if (at !== to) throw new ZstdError('bytes follow a block without sequences');
  } else {
    const { tables, at: bitsFrom } = readTables(block, at, to, state.tables);
    state.tables = tables;
    const [lengths, offsets, matches] = tables;
    const bottom = bitsFrom * 8;
    let left = streamTop(block, bitsFrom, to);
    left -= lengths.log;
    let lengthState = bitsAt(block, left, lengths.log);
    left -= offsets.log;
    let offsetState = bitsAt(block, left, offsets.log);
    left -= matches.log;
    let matchState = bitsAt(block, left, matches.log);
    let [first, second, third] = state.offsets;
    for (;;) {
      const lengthCode = lengths.symbols[lengthState]!;
      const offsetCode = offsets.symbols[offsetState]!;
      const matchCode = matches.symbols[matchState]!;
      let offset: number;
      if (offsetCode > 1) {
        if (offsetCode > MAX_OFFSET_CODE) throw new ZstdError('a match reaches back before the content');
        // One read returns up to 25 bits.
        let high = 0;
        if (offsetCode > 24) {
          left -= offsetCode - 24;
          high = bitsAt(block, left, offsetCode - 24) * 2 ** 24;
        }
        const low = Math.min(offsetCode, 24);
        left -= low;
        offset = (1 << offsetCode) + high + bitsAt(block, left, low) - 3;
        third = second;
        second = first;
        first = offset;
      } else {
        left -= offsetCode;
        const code = offsetCode === 0 ? 0 : 1 + bitsAt(block, left, 1);
        const which = lengthCode === 0 ? code + 1 : code;
        offset = which === 0 ? first : which === 1 ? second : which === 2 ? third : first - 1;
        if (which > 1) third = second;
        if (which > 0) second = first;
        first = offset;
      }
      left -= MATCH.bits[matchCode]!;
      const match = MATCH.bases[matchCode]! + bitsAt(block, left, MATCH.bits[matchCode]!);
      left -= LITERAL.bits[lengthCode]!;
      const length = LITERAL.bases[lengthCode]! + bitsAt(block, left, LITERAL.bits[lengthCode]!);
      if (left < bottom) throw new ZstdError('the sequences of a block are truncated');
      if (from + length > end) throw new ZstdError('a block has too few literals');
      if (next + length + match > stop) throw new ZstdError('a block is larger than allowed');
      if (length > LONG_COPY) out.set(text.subarray(from, from + length), next);
      else for (let n = 0; n < length; n++) out[next + n] = text[from + n]!;
      from += length;
      next += length;
      let source = next - offset;
      if (source < 0 || offset < 1) throw new ZstdError('a match reaches back before the content');
      if (match > LONG_COPY && offset >= match) out.copyWithin(next, source, source + match);
      else if (match > LONG_COPY && offset === 1) out.fill(out[source]!, next, next + match);
      else for (let n = 0; n < match; n++) out[next + n] = out[source++]!;
      next += match;
      count -= 1;
      if (count === 0) break;
      left -= lengths.bits[lengthState]!;
      lengthState = lengths.bases[lengthState]! + bitsAt(block, left, lengths.bits[lengthState]!);
      left -= matches.bits[matchState]!;
      matchState = matches.bases[matchState]! + bitsAt(block, left, matches.bits[matchState]!);
      left -= offsets.bits[offsetState]!;
      offsetState = offsets.bases[offsetState]! + bitsAt(block, left, offsets.bits[offsetState]!);
    }
    if (left !== bottom) throw new ZstdError('the sequences of a block are damaged');
    state.offsets[0] = first;
    state.offsets[1] = second;
    state.offsets[2] = third;
  }
  if (next + end - from > stop) throw new ZstdError('a block is larger than allowed');
  out.set(text.subarray(from, end), next);
  return next + end - from;
}

function readTables(
  block: Uint8Array,
  start: number,
  to: number,
  before: SequenceState['tables'],
): { tables: [FseTable, FseTable, FseTable]; at: number } {
  const modes = block[start] ?? 0;
  if (start >= to || (modes & 3) !== 0) throw new ZstdError('the sequences of a block are damaged');
  let at = start + 1;
  const read = (which: 0 | 1 | 2): FseTable => {
    const { usual, ...limits } = KINDS[which];
    const mode = (modes >> (6 - 2 * which)) & 3;
    if (mode === 0) return usual;
    if (mode === 3) {
      if (!before) throw new ZstdError('sequences use a table that no earlier block had');
      return before[which];
    }
    if (mode === 2) {
      const { table, end } = readFse(block, at, to, limits);
      at = end;
      return table;
    }
    const symbol = block[at] ?? 0;
    if (at >= to || symbol > limits.maxSymbol) throw new ZstdError('the sequences of a block are damaged');
    at += 1;
    return singleFse(symbol);
  };
  const tables: [FseTable, FseTable, FseTable] = [read(0), read(1), read(2)];
  return { tables, at };
}
