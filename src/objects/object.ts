import type { Fault, SourceRecord } from '../contracts/types.ts';

/** An object (or file) as named in a listing. */
export interface ObjectRef {
  /** `s3://bucket/key`, or a file's path. */
  readonly uri: string;
  readonly key: string;
  /** ETag, or `<size>-<mtime>` for a file: another version is another object. */
  readonly version: string;
  readonly size: number;
  /** LastModified in epoch milliseconds, by the store's clock. */
  readonly modified: number;
  /** The version cannot be a condition of a request, so it is compared with the reply. */
  readonly unconditional?: true;
}

/** Where to resume in an object whose beginning is acked. */
export interface ResumePoint {
  readonly key: string;
  readonly version: string;
  /**
   * Records already acked. Content that cannot be entered at `offset` (compressed) is read again, skipping this
   * many.
   */
  readonly records: number;
  /** Byte offset after the last acked record, if the content can be entered there (plain NDJSON, arrays). */
  readonly offset?: number;
  /** The same offset for content that cannot be entered there: for people, and for a letter about the rest. */
  readonly reached?: number;
  /** The offset is inside a top-level JSON array. */
  readonly inArray?: true;
}

/**
 * Opens the raw bytes of an object from byte `start` on. Throws `ObjectGoneError`, `ObjectChangedError` or
 * `ObjectUnreadableError` if only this object is affected, `UnavailableError` or `ConfigError` if the whole source
 * is. Tries once: after a `RetryableError`, or a body that breaks off, the caller (`readBody`, `readWhole`) backs
 * off and reopens it at that point. The caller always consumes or destroys the body.
 */
export type OpenObject = (
  ref: ObjectRef,
  start: number,
  signal: AbortSignal,
) => Promise<AsyncIterable<Uint8Array>>;

/** It vanished between listing and reading. Not an error of the run: counted and forgotten. */
export class ObjectGoneError extends Error {
  override name = 'ObjectGoneError';
}

/** It was rewritten since it was listed: the next listing has the new version, which is read from its beginning. */
export class ObjectChangedError extends Error {
  override name = 'ObjectChangedError';
}

/** This object cannot be read (403, archived, damaged); others can. */
export class ObjectUnreadableError extends Error {
  override name = 'ObjectUnreadableError';
  readonly fault: Fault;
  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.reason, options);
    this.fault = fault;
  }
}

/** An object that could not be read to its end, the reason, and the part that need not be read again. */
export interface FailedObject {
  readonly ref: ObjectRef;
  readonly fault: Fault;
  readonly resume?: ResumePoint;
}

/** A sequence of records, and the progress to make once they are acked. A chunk may span many small objects. */
export interface Chunk {
  readonly records: readonly SourceRecord[];
  readonly bytes: number;
  /** Objects whose last record is in this chunk (or that have none), in listing order. */
  readonly done: readonly ObjectRef[];
  /** The object that continues after this chunk. */
  readonly resume?: ResumePoint;
  /** Objects that could not be read in this run; only the records before the failure were yielded. */
  readonly failed: readonly FailedObject[];
  /** Objects that vanished or changed since they were listed. */
  readonly missed: readonly ObjectRef[];
  /** The progress is saved as soon as it is acked. */
  readonly urgent?: true;
}
