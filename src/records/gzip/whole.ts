import zlib from 'node:zlib';

/** Content inflated in one call, and how many bytes it came from. */
export interface Inflated {
  readonly content: Buffer;
  readonly used: number;
}

/** Inflates whole members; undefined if they are damaged or incomplete, or if the content exceeds `most`. */
export function gunzipWhole(gzip: Buffer, most: number): Inflated | undefined {
  try {
    // With `info` the result is not the buffer that the types declare.
    const { buffer, engine } = zlib.gunzipSync(gzip, { info: true, maxOutputLength: most }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { content: buffer, used: engine.bytesWritten };
  } catch {
    return undefined;
  }
}
