import { FRAME_MAGIC, isLegacy, isSkippable } from './zstd/header.ts';

/** How an object is compressed, judged by its first bytes and never by its name. */
export type Compression = 'gzip' | 'zstd' | 'none' | 'unsupported';

/** How many bytes identify the compression. */
export const MAGIC_BYTES = 4;

/** First bytes that no JSON can start with. */
const UNSUPPORTED: readonly (readonly [name: string, magic: Buffer])[] = [
  ...Array.from('123456789', (level) => ['bzip2', Buffer.from(`BZh${level}`)] as const),
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58])],
  ['lz4', Buffer.from([0x04, 0x22, 0x4d, 0x18])],
  ['lz4', Buffer.from([0x02, 0x21, 0x4c, 0x18])],
  ['snappy', Buffer.from([0xff, 0x06, 0x00, 0x00])],
  ['zip', Buffer.from([0x50, 0x4b, 0x03, 0x04])],
  ['7z', Buffer.from([0x37, 0x7a, 0xbc, 0xaf])],
  ['compress (.Z)', Buffer.from([0x1f, 0x9d])],
  ['UTF-16', Buffer.from([0xff, 0xfe])],
  ['UTF-16', Buffer.from([0xfe, 0xff])],
];
const FIRST_BYTES = new Set(UNSUPPORTED.map(([, magic]) => magic[0]));

/**
 * RFC 1952 and RFC 8878, including skippable zstd frames and frames from before version 0.8, which are refused by name.
 */
export function detectCompression(start: Buffer): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  if (start.length < MAGIC_BYTES) return 'none';
  const magic = start.readUInt32LE(0);
  if (magic === FRAME_MAGIC || isSkippable(magic) || isLegacy(magic)) return 'zstd';
  return FIRST_BYTES.has(start[0]) && unsupportedFormat(start) !== undefined ? 'unsupported' : 'none';
}

/** The name of a format that is recognized but not supported. */
export function unsupportedFormat(start: Buffer): string | undefined {
  return UNSUPPORTED.find(([, magic]) => start.subarray(0, magic.length).equals(magic))?.[0];
}
