import { ZstdError } from './error.ts';

/** What a frame declares before any content (RFC 8878, 3.1.1.1). */
export interface FrameHeader {
  /** How far back a match may reach, and so how much the decoder must keep in memory. */
  readonly windowBytes: number;
  readonly contentBytes: number | undefined;
  readonly checksum: boolean;
  /** 0 if no dictionary is needed. */
  readonly dictionary: number;
}

export const FRAME_MAGIC = 0xfd2fb528;

export function isSkippable(magic: number): boolean {
  return magic >= 0x184d2a50 && magic <= 0x184d2a5f;
}

/** Frames of zstd before 0.8 (2016), which use another format. */
export function isLegacy(magic: number): boolean {
  return magic >= 0xfd2fb522 && magic <= 0xfd2fb527;
}

const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const DICTIONARY_BYTES = [0, 1, 2, 4];

/** Number of bytes after the descriptor, which is the first byte after the magic. */
export function headerBytes(descriptor: number): number {
  const single = (descriptor & 0x20) !== 0;
  const contentSize = CONTENT_SIZE_BYTES[descriptor >> 6] || (single ? 1 : 0);
  return (single ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0) + contentSize;
}

/** `fields` are the `headerBytes` after the descriptor. */
export function readHeader(descriptor: number, fields: Buffer): FrameHeader {
  if (descriptor & 8) throw new ZstdError('a reserved bit of the frame header is set');
  const single = (descriptor & 0x20) !== 0;
  const dictionaryAt = single ? 0 : 1;
  const dictionaryBytes = DICTIONARY_BYTES[descriptor & 3] ?? 0;
  const dictionary = dictionaryBytes === 0 ? 0 : fields.readUIntLE(dictionaryAt, dictionaryBytes);
  const contentBytes = readContentBytes(fields, dictionaryAt + dictionaryBytes);
  return {
    windowBytes: single ? (contentBytes ?? 0) : windowBytes(fields[0] ?? 0),
    contentBytes,
    checksum: (descriptor & 4) !== 0,
    dictionary,
  };
}

function windowBytes(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}

function readContentBytes(fields: Buffer, at: number): number | undefined {
  const size = fields.length - at;
  if (size === 0) return undefined;
  if (size === 8) return Number(fields.readBigUInt64LE(at));
  return fields.readUIntLE(at, size) + (size === 2 ? 256 : 0);
}
