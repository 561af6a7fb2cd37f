/** A named piece of state, and a version that identifies its content. */
export interface Stored {
  readonly bytes: Buffer;
  /** Opaque: an ETag, or a hash of the content. Only compared. */
  readonly version: string;
}

/** The blob is not the expected one because someone else wrote it. Our write did not happen. */
export class ConflictError extends Error {
  override name = 'ConflictError';
}

/** What a store is opened for: `read` creates nothing; `write` fails immediately if nothing can be written. */
export type StoreUse = 'read' | 'write';

/**
 * Where checkpoints, leases and dead letters are kept: small named blobs. Names are relative paths of
 * `[A-Za-z0-9._/-]`. Every call retries passing failures itself. It throws `UnavailableError` if the outage lasts and
 * `ConfigError` if access is refused.
 */
export interface Store {
  /** `file:/var/lib/…` or `s3://bucket/prefix`, for logs and messages. */
  readonly name: string;
  get(name: string): Promise<Stored | undefined>;
  /**
   * Writes the blob completely or not at all, durably, and returns the new version. `expect` is a fence: `null` = must
   * not exist yet, a version = must still be that one, absent = overwrite anything. A failed expectation throws
   * `ConflictError`. If the reply to our own write was lost, the blob is read again: equal bytes mean success.
   */
  put(name: string, bytes: Buffer, expect?: string | null): Promise<string>;
  /** Removing a blob that does not exist is not an error. */
  remove(name: string): Promise<void>;
  /** Names under a prefix, in byte order. */
  list(prefix: string): AsyncIterable<string>;
  /**
   * Milliseconds since the blob was last written, by the store's own clock (never ours); undefined if it does not
   * exist.
   */
  age(name: string): Promise<number | undefined>;
}
