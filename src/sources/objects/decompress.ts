import type { Fault } from '../../types.ts';
import { EXPANSION_FLOOR, type Limits } from '../source.ts';
import { type Compression, detectCompression, MAGIC_BYTES, unsupportedFormat } from './compression.ts';
import { gunzipInflater } from './gzip/inflater.ts';
import { gunzipWhole } from './gzip/whole.ts';
import type { Inflater } from './inflater.ts';
import { ObjectUnreadableError } from './object.ts';
import { zstdInflater } from './zstd/inflater.ts';

/** The content is over a cap. What came before it stands; the rest is not read. */
export class OverCapError extends Error {
  override name = 'OverCapError';
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.reason);
    this.fault = fault;
  }
}

/** The content is in a form that is not read, and no later run will read it. What came before it stands. */
export class UnsupportedContentError extends Error {
  override name = 'UnsupportedContentError';
  readonly fault: Fault;
  constructor(what: string) {
    super(`${what} is not supported: gzip, zstd and plain JSON are read`);
    this.fault = { code: 'unsupported_compression', reason: this.message };
  }
}

type ContentLimits = Pick<Limits, 'objectBytes' | 'expansion' | 'zstdWindowBytes'>;

export interface DecompressOptions {
  readonly limits: ContentLimits;
  /** `raw` begins at this byte of plain content. */
  readonly start?: number;
  /** `raw` is one piece: a small gzip is then inflated in one go, which costs a tenth. */
  readonly whole?: boolean;
  /** Told once, before the first content. */
  detected?(compression: Compression): void;
}

/** Compressed bytes inflated at once. Deflate makes at most 1,032 bytes of one: 16 MiB. */
const SLICE = 16 * 2 ** 10;
/** A gzip of so many bytes and of such content is inflated in one go. */
const SMALL_BYTES = 64 * 2 ** 10;
const SMALL_CONTENT_BYTES = 4 * 2 ** 20;

/**
 * The content of `raw`, plain or decompressed, in bounded pieces that are made only when asked for. Several gzip members
 * or zstd frames are one content; every byte of `raw` is used, is zero padding between or after gzip members, or is
 * reported. Throws `OverCapError` (`object_too_large`, `expansion_too_large`, `zstd_window_too_large`) once a cap is
 * passed, `UnsupportedContentError` for forms that are not read, and `ObjectUnreadableError` (`bad_gzip`, `bad_zstd`)
 * when compressed bytes are damaged, break off, or are followed by others; all after what could be read was yielded.
 * Errors of `raw` pass through. Leaving early closes `raw`.
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

  const detect = (bytes: Buffer): Compression => {
    const found = detectCompression(bytes);
    options.detected?.(found);
    if (found === 'unsupported') throw new UnsupportedContentError(unsupportedFormat(bytes) ?? 'this form');
    return found;
  };

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

/** The content of a small and sound gzip; anything else is undefined and goes the long way. */
function inflateSmall(gzip: Buffer): Buffer | undefined {
  if (gzip.length > SMALL_BYTES) return undefined;
  const whole = gunzipWhole(gzip, SMALL_CONTENT_BYTES);
  return whole?.used === gzip.length ? whole.content : undefined;
}

function expansionTooLarge(limits: Pick<Limits, 'expansion'>): OverCapError {
  return new OverCapError({
    code: 'expansion_too_large',
    reason: `the content is over ${limits.expansion} times the size of its compressed form`,
  });
}

function inflaterFor(compression: Compression, limits: ContentLimits): Inflater | undefined {
  const damaged = (code: string) => (cause: Error) =>
    new ObjectUnreadableError(
      { code, reason: `the compressed content is damaged or breaks off: ${cause.message}` },
      { cause },
    );
  if (compression === 'gzip') return gunzipInflater(damaged('bad_gzip'));
  if (compression !== 'zstd') return undefined;
  const windowBytes = limits.zstdWindowBytes;
  return zstdInflater({
    windowBytes,
    damaged: damaged('bad_zstd'),
    unsupported: (what) => new UnsupportedContentError(what),
    overWindow: (bytes) =>
      new OverCapError({
        code: 'zstd_window_too_large',
        reason: `a zstd frame wants a window of ${bytes} bytes, over limits.zstd_window_bytes (${windowBytes})`,
      }),
  });
}
