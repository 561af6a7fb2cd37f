import { ZstdError } from './error.ts';
import { bitsAt, readFse, streamTop } from './fse.ts';

/** Indexed by the next `log` bits: the symbol in the low byte, the number of bits it takes above. */
export interface HuffmanTable {
  readonly log: number;
  readonly entries: Uint16Array;
}

const MAX_LOG = 12;
/** The last weight is not stored: it follows from the others. */
const MAX_WEIGHTS = 255;

/** Reads a Huffman tree's description (RFC 8878, 4.2.1), which must end before `to`. */
export function readHuffman(bytes: Uint8Array, at: number, to: number): { table: HuffmanTable; end: number } {
  if (at >= to) throw new ZstdError('a Huffman tree is truncated');
  const head = bytes[at] ?? 0;
  const packed = head < 128 ? head : (head - 126) >> 1;
  const end = at + 1 + packed;
  if (end > to) throw new ZstdError('a Huffman tree is truncated');
  const weights =
    head < 128 ? compressedWeights(bytes, at + 1, end) : plainWeights(bytes, at + 1, head - 127);
  return { table: buildTable(weights), end };
}

function plainWeights(bytes: Uint8Array, at: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => {
    const byte = bytes[at + (n >> 1)] ?? 0;
    return n % 2 === 0 ? byte >> 4 : byte & 15;
  });
}

function compressedWeights(bytes: Uint8Array, at: number, to: number): number[] {
  const { table, end } = readFse(bytes, at, to, { maxLog: 6, maxSymbol: 255 });
  let left = streamTop(bytes, end, to) - table.log;
  const from = end * 8;
  let state = bitsAt(bytes, left, table.log);
  left -= table.log;
  let other = bitsAt(bytes, left, table.log);
  if (left < from) throw new ZstdError('a Huffman tree is truncated');
  const weights: number[] = [];
  for (;;) {
    weights.push(table.symbols[state] ?? 0);
    left -= table.bits[state] ?? 0;
    if (left < from) {
      weights.push(table.symbols[other] ?? 0);
      break;
    }
    const next = (table.bases[state] ?? 0) + bitsAt(bytes, left, table.bits[state] ?? 0);
    // States that consume no bits would repeat forever.
    if (weights.length > MAX_WEIGHTS - 2) throw new ZstdError('a Huffman tree has too many weights');
    state = other;
    other = next;
  }
  return weights;
}

function buildTable(weights: number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_LOG) throw new ZstdError('a Huffman weight is too large');
    sum += weight > 0 ? 1 << (weight - 1) : 0;
  }
  const log = sum === 0 ? 0 : 32 - Math.clz32(sum);
  const rest = (1 << log) - sum;
  if (sum === 0 || log > MAX_LOG || (rest & (rest - 1)) !== 0) {
    throw new ZstdError('a Huffman tree is damaged');
  }
  weights.push(32 - Math.clz32(rest));
  const ones = weights.filter((weight) => weight === 1).length;
  if (ones < 2 || ones % 2 === 1) throw new ZstdError('a Huffman tree is damaged');
  const entries = new Uint16Array(1 << log);
  let at = 0;
  for (let weight = 1; weight <= log; weight++) {
    for (let symbol = 0; symbol < weights.length; symbol++) {
      if (weights[symbol] !== weight) continue;
      const count = 1 << (weight - 1);
      entries.fill(symbol | ((log + 1 - weight) << 8), at, at + count);
      at += count;
    }
  }
  return { log, entries };
}

/** Decodes the stream in `bytes` between `from` and `to`, which must exactly fill `out` between `at` and `end`. */
export function decodeHuffman(
  { log, entries }: HuffmanTable,
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
  end: number,
): void {
  const bottom = from * 8;
  const mask = (1 << log) - 1;
  let left = streamTop(bytes, from, to);
  let next = at;
  while (next < end && left - log >= bottom) {
    const low = left - log;
    const byte = low >> 3;
    const word = bytes[byte]! | (bytes[byte + 1]! << 8) | (bytes[byte + 2]! << 16);
    const entry = entries[(word >> (low & 7)) & mask]!;
    out[next++] = entry;
    left -= entry >> 8;
  }
  while (next < end && left > bottom) {
    const some = left - bottom;
    const entry = entries[(bitsAt(bytes, bottom, some) << (log - some)) & mask] ?? 0;
    out[next++] = entry;
    left -= entry >> 8;
  }
  if (left !== bottom || next !== end) throw new ZstdError('Huffman-coded literals are damaged');
}
