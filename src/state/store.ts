/** A named piece of state, and what tells this content of it from the next. */
export interface Stored {
  readonly bytes: Buffer;
  /** Opaque: an ETag, or a hash of the content. Only compared. */
  readonly version: string;
}

/** The blob is not the one we expected: somebody else wrote. Our write did not happen. */
export class ConflictError extends Error {
  override name = 'ConflictError';
}

/** What a store is opened for: `read` makes nothing that is not there; `write` shows at once that nothing can be written. */
export type StoreUse = 'read' | 'write';

/**
 * Where checkpoints, leases and dead letters live: small named blobs. Names are relative paths of `[A-Za-z0-9._/-]`.
 * Every call retries passing failures by itself and throws `UnavailableError` when the outage lasts, `ConfigError` when
 * access is refused.
 */
export interface Store {
  /** `file:/var/lib/…` or `s3://bucket/prefix`, for logs and messages. */
  readonly name: string;
  get(name: string): Promise<Stored | undefined>;
  /**
   * Writes whole or not at all, durably, and returns the new version. `expect` fences: `null` = must not exist yet, a
   * version = must still be that one, absent = whatever is there. A broken expectation throws `ConflictError`. When the
   * reply of our own write was lost, the blob is read again: equal bytes are success.
   */
  put(name: string, bytes: Buffer, expect?: string | null): Promise<string>;
  /** Removing what is not there is fine. */
  remove(name: string): Promise<void>;
  /** Names under a prefix, sorted by their bytes. */
  list(prefix: string): AsyncIterable<string>;
  /** Milliseconds since the blob was last written, by the store's own clock (never ours); undefined when it is absent. */
  age(name: string): Promise<number | undefined>;
}
