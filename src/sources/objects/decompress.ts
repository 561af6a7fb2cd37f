import { gunzipSync } from 'node:zlib';
import type { Fault } from '../../types.ts';
import type { Limits } from '../source.ts';
import { gunzipInflater, type Inflater, zstdInflater } from './inflaters.ts';
import { ObjectUnreadableError } from './object.ts';

/** The content is over a cap. What came before it stands; the rest is not read. */
export class OverCapError extends Error {
  override name = 'OverCapError';
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.reason);
    this.fault = fault;
  }
}

export type Compression = 'gzip' | 'zstd' | 'none';

/** Bytes that tell the compression. */
const MAGIC_BYTES = 4;

/** By magic bytes, never by name: RFC 1952 and RFC 8878, a skippable zstd frame included. */
export function detectCompression(start: Buffer): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  if (start.length < MAGIC_BYTES) return 'none';
  const magic = start.readUInt32LE(0);
  return magic === 0xfd2fb528 || (magic >= 0x184d2a50 && magic <= 0x184d2a5f) ? 'zstd' : 'none';
}

export interface DecompressOptions {
  readonly limits: Pick<Limits, 'objectBytes' | 'expansion'>;
  /** `raw` begins at this byte of plain content. */
  readonly start?: number;
  /** `raw` is one piece: a small gzip is then inflated in one go, which costs a tenth. */
  readonly whole?: boolean;
  /** Told once, before the first content. */
  detected?(compression: Compression): void;
}

/** Below so much content the expansion is not judged: a small file of equal lines is no bomb. */
const EXPANSION_FLOOR = 16 * 2 ** 20;
/** Compressed bytes inflated at once. Deflate makes at most 1,032 bytes of one: 16 MiB. */
const SLICE = 16 * 2 ** 10;
const SMALL_BYTES = 64 * 2 ** 10;
const SMALL_CONTENT_BYTES = 4 * 2 ** 20;

/**
 * The content of `raw`, plain or decompressed, in bounded pieces that are made only when asked for. Several gzip members
 * or zstd frames are one content. Throws `OverCapError` (`object_too_large`, `expansion_too_large`) once a cap is
 * passed, and `ObjectUnreadableError` (`bad_gzip`, `bad_zstd`) when compressed bytes are damaged or break off, both
 * after what could be read was yielded; errors of `raw` pass through. Leaving early closes `raw`.
 */
export async function* decompress(
  raw: AsyncIterable<Buffer>,
  options: DecompressOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { limits, start = 0 } = options;
  // What is entered in its middle was found to be plain before.
  let compression: Compression | undefined = start > 0 ? 'none' : undefined;
  let inflater: Inflater | undefined;
  let early: Buffer | undefined;
  let taken = 0;
  let given = start;

  const check = (piece: Buffer): Buffer => {
    given += piece.length;
    if (given > limits.objectBytes) {
      throw new OverCapError({
        code: 'object_too_large',
        reason: `the content is over ${limits.objectBytes} bytes`,
      });
    }
    if (inflater && given > EXPANSION_FLOOR && given > taken * limits.expansion) {
      throw expansionTooLarge(limits);
    }
    return piece;
  };

  try {
    for await (const arrived of raw) {
      let piece = arrived;
      if (early) piece = Buffer.concat([early, piece]);
      early = undefined;
      if (compression === undefined) {
        if (piece.length < MAGIC_BYTES) {
          early = piece;
          continue;
        }
        compression = detectCompression(piece);
        options.detected?.(compression);
        const small = compression === 'gzip' && options.whole ? inflateSmall(piece) : undefined;
        if (small) {
          yield check(small);
          return;
        }
        inflater = inflaterFor(compression, limits);
      }
      if (!inflater) {
        yield check(piece);
        continue;
      }
      for (let at = 0; at < piece.length; at += SLICE) {
        const slice = piece.subarray(at, at + SLICE);
        taken += slice.length;
        for await (const content of inflater.push(slice)) yield check(content);
      }
    }
    if (early) {
      compression = detectCompression(early);
      options.detected?.(compression);
      inflater = inflaterFor(compression, limits);
      if (inflater) for await (const content of inflater.push(early)) yield check(content);
      else yield check(early);
    }
    if (inflater) for await (const content of inflater.end()) yield check(content);
  } finally {
    inflater?.close();
  }
}

/** The content of a small and sound gzip; anything else is undefined and goes the long way. */
function inflateSmall(gzip: Buffer): Buffer | undefined {
  if (gzip.length > SMALL_BYTES) return undefined;
  try {
    return gunzipSync(gzip, { maxOutputLength: SMALL_CONTENT_BYTES });
  } catch {
    return undefined;
  }
}

function expansionTooLarge(limits: Pick<Limits, 'expansion'>): OverCapError {
  return new OverCapError({
    code: 'expansion_too_large',
    reason: `the content is over ${limits.expansion} times the size of its compressed form`,
  });
}

function inflaterFor(compression: Compression, limits: Pick<Limits, 'expansion'>): Inflater | undefined {
  const damaged = (code: string) => (cause: unknown) =>
    new ObjectUnreadableError({ code, reason: `the compressed content is damaged or breaks off` }, { cause });
  if (compression === 'gzip') return gunzipInflater(damaged('bad_gzip'));
  if (compression === 'none') return undefined;
  const bad = damaged('bad_zstd');
  return zstdInflater(bad, () => expansionTooLarge(limits));
}
