import zlib from 'node:zlib';

/** What was inflated in one call, and of how many bytes. */
export interface Inflated {
  readonly content: Buffer;
  readonly used: number;
}

/** Whole members; undefined when they are damaged or incomplete, and for content over `most`. */
export function gunzipWhole(gzip: Buffer, most: number): Inflated | undefined {
  try {
    // With `info` the answer is not the buffer that the types speak of.
    const { buffer, engine } = zlib.gunzipSync(gzip, { info: true, maxOutputLength: most }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { content: buffer, used: engine.bytesWritten };
  } catch {
    return undefined;
  }
}
