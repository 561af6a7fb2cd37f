import { DEFAULT_LIMITS } from '../../src/contracts/source.ts';
import { DamagedContentError, RefusedContentError } from '../../src/records/content-errors.ts';
import { decompress } from '../../src/records/decompress.ts';

const NO_CAPS = {
  objectBytes: Number.POSITIVE_INFINITY,
  expansion: Number.POSITIVE_INFINITY,
  zstdWindowBytes: DEFAULT_LIMITS.zstdWindowBytes,
};

export async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export interface Inflated {
  readonly content: Buffer;
  readonly error?: unknown;
}

/** The content of `raw`, and the error it ended with. */
export async function inflateFrom(
  raw: AsyncIterable<Buffer>,
  limits: Partial<typeof NO_CAPS> = {},
  whole = false,
): Promise<Inflated> {
  const all: Buffer[] = [];
  try {
    for await (const piece of decompress(raw, { limits: { ...NO_CAPS, ...limits }, whole })) all.push(piece);
  } catch (error) {
    return { content: Buffer.concat(all), error };
  }
  return { content: Buffer.concat(all) };
}

/** The same for `bytes` in pieces of `size`, or as one whole small object. */
export function inflate(bytes: Buffer, size: number | 'whole'): Promise<Inflated> {
  const whole = size === 'whole';
  return inflateFrom(pieces(bytes, whole ? bytes.length : size), {}, whole);
}

/** The code of the fault that reading ended with; undefined if it succeeded. Other errors are not ours. */
export function faultOf(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  if (error instanceof DamagedContentError || error instanceof RefusedContentError) {
    return error.fault.code;
  }
  throw error;
}
