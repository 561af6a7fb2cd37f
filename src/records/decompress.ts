import { EXPANSION_FLOOR, type Limits } from '../contracts/source.ts';
import { type Compression, detectCompression, MAGIC_BYTES, unsupportedFormat } from './compression.ts';
import { DamagedContentError, RefusedContentError } from './content-errors.ts';
import { createGunzipInflater } from './gzip/inflater.ts';
import { gunzipWhole } from './gzip/whole.ts';
import type { Inflater } from './inflater.ts';
import { createZstdInflater } from './zstd/inflater.ts';

type ContentLimits = Pick<Limits, 'objectBytes' | 'expansion' | 'zstdWindowBytes'>;

export interface DecompressOptions {
  readonly limits: ContentLimits;
  /** `raw` starts at this byte of plain content. */
  readonly start?: number;
  /** `raw` is a single piece, so a small gzip is inflated in one call, at a tenth of the cost. */
  readonly whole?: boolean;
  /** Called once, before the first content. */
  detected?(compression: Compression): void;
}

/** Compressed bytes inflated at a time. Deflate makes at most 1,032 bytes of each: 16 MiB. */
const SLICE = 16 * 2 ** 10;
/** A gzip up to this size, and with at most this much content, is inflated in one call. */
const SMALL_BYTES = 64 * 2 ** 10;
const SMALL_CONTENT_BYTES = 4 * 2 ** 20;

/**
 * The content of `raw`, plain or decompressed, in bounded pieces that are produced only on demand. Several gzip members
 * or zstd frames form one content. Every byte of `raw` is either used, or is zero padding between or after gzip
 * members, or is reported. Throws `RefusedContentError` when a limit is exceeded (`object_too_large`,
 * `expansion_too_large`, `zstd_window_too_large`) or the form is not supported (`unsupported_compression`). Throws
 * `DamagedContentError` (`bad_gzip`, `bad_zstd`) when compressed bytes are damaged, truncated or followed by other
 * bytes. In every case, whatever could be read is yielded first. Errors of `raw` pass through. Leaving the loop early
 * closes `raw`.
 */
export async function* decompress(
  raw: AsyncIterable<Buffer>,
  options: DecompressOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { limits, start = 0 } = options;
  // If reading starts in the middle, the content is already known to be plain.
  let compression: Compression | undefined = start > 0 ? 'none' : undefined;
  let inflater: Inflater | undefined;
  let early: Buffer | undefined;
  let taken = 0;
  let given = start;

  const detect = (bytes: Buffer): Compression => {
    const found = detectCompression(bytes);
    options.detected?.(found);
    if (found === 'unsupported') throw unsupported(unsupportedFormat(bytes) ?? 'this format');
    return found;
  };

  const check = (piece: Buffer): Buffer => {
    given += piece.length;
    if (given > limits.objectBytes) {
      throw new RefusedContentError({
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
        compression = detect(piece);
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
      compression = detect(early);
      inflater = inflaterFor(compression, limits);
      if (inflater) for await (const content of inflater.push(early)) yield check(content);
      else yield check(early);
    }
    inflater?.end();
  } finally {
    inflater?.close();
  }
}

/** The content of a small, intact gzip; undefined for anything else, which takes the general path. */
function inflateSmall(gzip: Buffer): Buffer | undefined {
  if (gzip.length > SMALL_BYTES) return undefined;
  const whole = gunzipWhole(gzip, SMALL_CONTENT_BYTES);
  return whole?.used === gzip.length ? whole.content : undefined;
}

function unsupported(what: string): RefusedContentError {
  return new RefusedContentError({
    code: 'unsupported_compression',
    reason: `${what} is not supported: only gzip, zstd and plain JSON are read`,
  });
}

function expansionTooLarge(limits: Pick<Limits, 'expansion'>): RefusedContentError {
  return new RefusedContentError({
    code: 'expansion_too_large',
    reason: `the content is more than ${limits.expansion} times the size of its compressed form`,
  });
}

function inflaterFor(compression: Compression, limits: ContentLimits): Inflater | undefined {
  const damaged = (code: string) => (cause: Error) =>
    new DamagedContentError(
      { code, reason: `the compressed content is damaged or truncated: ${cause.message}` },
      { cause },
    );
  if (compression === 'gzip') return createGunzipInflater(damaged('bad_gzip'));
  if (compression !== 'zstd') return undefined;
  const windowBytes = limits.zstdWindowBytes;
  return createZstdInflater({
    windowBytes,
    damaged: damaged('bad_zstd'),
    unsupported,
    overWindow: (bytes) =>
      new RefusedContentError({
        code: 'zstd_window_too_large',
        reason: `a zstd frame requests a window of ${bytes} bytes, over limits.zstd_window_bytes (${windowBytes})`,
      }),
  });
}
