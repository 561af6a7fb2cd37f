import type { XXHash } from 'xxhash-wasm';
import { ZstdError } from './error.ts';
import { FRAME_MAGIC, type FrameHeader, headerBytes, isLegacy, isSkippable, readHeader } from './header.ts';
import { createHistory } from './history.ts';
import type { HuffmanTable } from './huffman.ts';
import { readLiterals } from './literals.ts';
import { createSequenceState, runSequences } from './sequences.ts';

export interface FramesOptions {
  /** A frame that requests more memory than this is refused before any is allocated. */
  readonly windowBytes: number;
  hash(): XXHash<bigint>;
  /** Thrown instead of a `ZstdError` for cases that damage cannot explain. */
  overWindow(bytes: number): Error;
  unsupported(what: string): Error;
}

/** Consumes frames one unit at a time: takes as many bytes as it asked for, and returns the content they complete. */
export interface Frames {
  /** Bytes of the next unit. */
  readonly need: number;
  /** Bytes to skip before it. */
  skip: number;
  /** The input may end here: nothing is missing. */
  readonly complete: boolean;
  /** `unit` has room for a few bytes beyond `need`. Throws `ZstdError` and the errors that the options create. */
  take(unit: Buffer): Buffer | undefined;
}

/** The largest allowed block. */
export const BLOCK_BYTES = 128 * 2 ** 10;

/** zstd frames (RFC 8878): every rule of the format is checked, as is the content checksum if a frame has one. */
export function createFrames(options: FramesOptions): Frames {
  const history = createHistory();
  let scratch: Uint8Array | undefined;
  let header: FrameHeader | undefined;
  let hash: XXHash<bigint> | undefined;
  let tree: HuffmanTable | undefined;
  let sequences = createSequenceState();
  let made = 0;
  let most = 0;

  const expect = (need: number, take: (unit: Buffer) => Buffer | undefined): undefined => {
    state.need = need;
    step = take;
    return undefined;
  };

  const takeMagic = (unit: Buffer): undefined => {
    const magic = unit.readUInt32LE(0);
    if (magic === FRAME_MAGIC) return expect(1, takeDescriptor);
    if (isSkippable(magic)) return expect(4, takeSkipSize);
    if (isLegacy(magic)) throw options.unsupported('a zstd frame from before version 0.8');
    throw new ZstdError('bytes after a frame are not a frame');
  };

  const takeSkipSize = (unit: Buffer): undefined => {
    state.skip = unit.readUInt32LE(0);
    return expect(4, takeMagic);
  };

  const takeDescriptor = (unit: Buffer): undefined => {
    const descriptor = unit.readUInt8(0);
    const size = headerBytes(descriptor);
    return expect(size, (fields) => startFrame(readHeader(descriptor, fields.subarray(0, size))));
  };

  const startFrame = (read: FrameHeader): undefined => {
    if (read.dictionary !== 0) throw options.unsupported(`zstd with a dictionary (${read.dictionary})`);
    if (read.windowBytes > options.windowBytes) throw options.overWindow(read.windowBytes);
    header = read;
    hash = read.checksum ? options.hash() : undefined;
    history.start(read.windowBytes);
    tree = undefined;
    sequences = createSequenceState();
    made = 0;
    most = Math.min(BLOCK_BYTES, read.windowBytes);
    return expect(3, takeBlockHeader);
  };

  const takeBlockHeader = (unit: Buffer): Buffer | undefined => {
    const word = unit.readUIntLE(0, 3);
    const last = (word & 1) === 1;
    const kind = (word >> 1) & 3;
    const size = word >> 3;
    if (kind === 3) throw new ZstdError('a block has a reserved type');
    if (size > most) throw new ZstdError('a block is larger than allowed');
    if (kind === 2 && size < 2) throw new ZstdError('a block is smaller than allowed');
    const body = kind === 1 ? 1 : size;
    if (body === 0) return endBlock(0, last);
    return expect(body, (block) => endBlock(decode(kind, block, size), last));
  };

  /** Returns the length of the content, which is at the end of the history. */
  const decode = (kind: number, block: Buffer, size: number): number => {
    const out = history.reserve(most);
    const start = history.end;
    if (kind === 1) out.fill(block[0] ?? 0, start, start + size);
    else if (kind === 0) out.set(block.subarray(0, size), start);
    else {
      scratch ??= new Uint8Array(BLOCK_BYTES);
      const literals = readLiterals(block, size, most, tree, scratch);
      tree = literals.tree;
      history.end = runSequences(block, size, literals, sequences, out, start, most);
      return history.end - start;
    }
    history.end = start + size;
    return size;
  };

  const endBlock = (length: number, last: boolean): Buffer | undefined => {
    made += length;
    const declared = header?.contentBytes;
    if (declared !== undefined && (made > declared || (last && made < declared))) {
      throw new ZstdError('the size of the content does not match the size that the frame declares');
    }
    const end = history.end;
    const content = length > 0 ? Buffer.from(history.reserve(0).subarray(end - length, end)) : undefined;
    if (content) hash?.update(content);
    if (!last) expect(3, takeBlockHeader);
    else if (hash) expect(4, takeChecksum);
    else expect(4, takeMagic);
    return content;
  };

  const takeChecksum = (unit: Buffer): undefined => {
    const found = Number((hash?.digest() ?? 0n) & 0xffffffffn);
    if (found !== unit.readUInt32LE(0)) throw new ZstdError('the checksum is wrong');
    return expect(4, takeMagic);
  };

  let step: (unit: Buffer) => Buffer | undefined = takeMagic;
  const state = {
    need: 4,
    skip: 0,
    get complete() {
      return step === takeMagic;
    },
    take: (unit: Buffer) => step(unit),
  };
  return state;
}
