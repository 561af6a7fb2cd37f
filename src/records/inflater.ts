/** Pushes compressed bytes in, pulls content out. Content made before damage is given before the error is thrown. */
export interface Inflater {
  push(bytes: Buffer): AsyncIterable<Buffer>;
  /** The compressed bytes are all there; throws when they break off. */
  end(): void;
  close(): void;
}
