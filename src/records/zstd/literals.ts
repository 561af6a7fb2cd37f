import { ZstdError } from './error.ts';
import { decodeHuffman, type HuffmanTable, readHuffman } from './huffman.ts';

/** The literals of a block: `length` bytes of `bytes` starting at `at`. The block continues at `end`. */
export interface Literals {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly length: number;
  readonly end: number;
  /** The tree that later blocks may reuse. */
  readonly tree: HuffmanTable | undefined;
}

const BREAKS_OFF = 'the literals of a block are truncated';

/**
 * Reads the literals section (RFC 8878, 3.1.1.3.1) at the start of the block in `block`, which ends before `to`.
 * `scratch` has room for `most` bytes, the largest block.
 */
export function readLiterals(
  block: Uint8Array,
  to: number,
  most: number,
  tree: HuffmanTable | undefined,
  scratch: Uint8Array,
): Literals {
  const head = block[0] ?? 0;
  const kind = head & 3;
  const format = (head >> 2) & 3;
  if (kind >= 2) return compressed(block, to, most, kind === 3 ? tree : undefined, kind, format, scratch);
  const size = format === 1 ? 2 : format === 3 ? 3 : 1;
  if (to < size + kind) throw new ZstdError(BREAKS_OFF);
  const length =
    size === 1 ? head >> 3 : (head | ((block[1] ?? 0) << 8) | (size === 3 ? (block[2] ?? 0) << 16 : 0)) >> 4;
  if (length > most) throw new ZstdError('a block has too many literals');
  if (kind === 1) {
    scratch.fill(block[size] ?? 0, 0, length);
    return { bytes: scratch, at: 0, length, end: size + 1, tree };
  }
  if (size + length > to) throw new ZstdError(BREAKS_OFF);
  return { bytes: block, at: size, length, end: size + length, tree };
}

function compressed(
  block: Uint8Array,
  to: number,
  most: number,
  known: HuffmanTable | undefined,
  kind: number,
  format: number,
  scratch: Uint8Array,
): Literals {
  const size = format < 2 ? 3 : format + 2;
  if (to < 5) throw new ZstdError(BREAKS_OFF);
  const width = format < 2 ? 10 : format === 2 ? 14 : 18;
  const low = ((block[0] ?? 0) | ((block[1] ?? 0) << 8) | ((block[2] ?? 0) << 16)) >>> 4;
  const word = low + ((block[3] ?? 0) + (block[4] ?? 0) * 256) * 2 ** 20;
  const length = word % 2 ** width;
  const end = size + (Math.floor(word / 2 ** width) % 2 ** width);
  if (length > most) throw new ZstdError('a block has too many literals');
  if (end > to) throw new ZstdError(BREAKS_OFF);
  let at = size;
  let table = known;
  if (kind === 2) {
    const read = readHuffman(block, at, end);
    table = read.table;
    at = read.end;
  }
  if (!table) throw new ZstdError('literals use a Huffman tree that no earlier block had');
  if (format === 0) decodeHuffman(table, block, at, end, scratch, 0, length);
  else decodeFour(table, block, at, end, scratch, length);
  return { bytes: scratch, at: 0, length, end, tree: table };
}

/** Four streams with a quarter of the literals each; the sizes of the first three come before them. */
function decodeFour(
  table: HuffmanTable,
  block: Uint8Array,
  at: number,
  end: number,
  scratch: Uint8Array,
  length: number,
): void {
  if (length < 6 || end - at < 10) throw new ZstdError(BREAKS_OFF);
  const quarter = (length + 3) >> 2;
  let from = at + 6;
  for (let stream = 0; stream < 4; stream++) {
    const sizeAt = at + stream * 2;
    const to = stream === 3 ? end : from + ((block[sizeAt] ?? 0) | ((block[sizeAt + 1] ?? 0) << 8));
    if (to > end) throw new ZstdError(BREAKS_OFF);
    const last = stream === 3 ? length : quarter * (stream + 1);
    decodeHuffman(table, block, from, to, scratch, quarter * stream, last);
    from = to;
  }
}
