/**
 * Compressed bytes go in, content comes out. Content produced before any damage is delivered before the error is
 * thrown.
 */
export interface Inflater {
  push(bytes: Buffer): AsyncIterable<Buffer>;
  /** All compressed bytes have been pushed; throws if they are truncated. */
  end(): void;
  close(): void;
}
