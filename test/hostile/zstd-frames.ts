const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** The largest block. */
export const BLOCK_BYTES = 128 * 2 ** 10;

/** Handmade frames of uncompressed blocks: Node 20 has no zstd. */
export function frame(window: number, ...blocks: readonly Buffer[]): Buffer {
  const ended = blocks.map((block, at) => {
    if (at < blocks.length - 1) return block;
    const last = Buffer.from(block);
    last[0] = (last[0] ?? 0) | 1;
    return last;
  });
  return Buffer.concat([Buffer.from([...MAGIC, 0, window]), ...ended]);
}

/** The byte with which a frame asks for a window of 2^`exponent` plus `eighths` of that. */
export const windowByte = (exponent: number, eighths = 0): number => ((exponent - 10) << 3) | eighths;

/** A block that holds its content as it is. */
export const rawBlock = (content: Buffer): Buffer => Buffer.concat([header(0, content.length), content]);

/** A block that repeats one byte. */
export const repeatBlock = (byte: number, length: number): Buffer =>
  Buffer.concat([header(1, length), Buffer.from([byte])]);

/** A frame that readers skip. */
export function skippable(content: Buffer): Buffer {
  const head = Buffer.from([0x51, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

function header(kind: number, size: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntLE((size << 3) | (kind << 1), 0, 3);
  return bytes;
}
