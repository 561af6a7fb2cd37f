import type { Fault, SourceRecord } from '../contracts/types.ts';

/** An object (or file) as a listing names it. */
export interface ObjectRef {
  /** `s3://bucket/key`, or a file's path. */
  readonly uri: string;
  readonly key: string;
  /** ETag, or `<size>-<mtime>` of a file: another version is another object. */
  readonly version: string;
  readonly size: number;
  /** LastModified in epoch milliseconds, by the store's clock. */
  readonly modified: number;
  /** The version cannot be made a condition of a request: it is compared with what a reply says. */
  readonly unconditional?: true;
}

/** Where to go on in an object of which a prefix is acked. */
export interface ResumePoint {
  readonly key: string;
  readonly version: string;
  /** Records already acked. What cannot be entered by `offset` (compressed) is read again and skips as many. */
  readonly records: number;
  /** Byte offset behind the last acked record, where the content can be entered there (plain NDJSON, arrays). */
  readonly offset?: number;
  /** The same byte of content that cannot be entered there: for people, and for a letter about what follows. */
  readonly reached?: number;
  /** The offset lies inside a top-level JSON array. */
  readonly inArray?: true;
}

/**
 * Opens the raw bytes of an object from byte `start` on. Throws `ObjectGoneError`, `ObjectChangedError`,
 * `ObjectUnreadableError` for what concerns this object alone, `UnavailableError` or `ConfigError` for the whole source.
 * Tries once: `RetryableError`, like a body that breaks off, means that the caller (`readBody`, `readWhole`) backs off
 * and opens it again where it broke. The caller always consumes or destroys what it got.
 */
export type OpenObject = (
  ref: ObjectRef,
  start: number,
  signal: AbortSignal,
) => Promise<AsyncIterable<Uint8Array>>;

/** It vanished between listing and reading. Not an error of the run: counted, forgotten. */
export class ObjectGoneError extends Error {
  override name = 'ObjectGoneError';
}

/** It was rewritten since it was listed: the next listing brings the new version, which starts from zero. */
export class ObjectChangedError extends Error {
  override name = 'ObjectChangedError';
}

/** This one cannot be read (403, archived, damaged); others can. */
export class ObjectUnreadableError extends Error {
  override name = 'ObjectUnreadableError';
  readonly fault: Fault;
  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.reason, options);
    this.fault = fault;
  }
}

/** An object that could not be read to its end, why, and what of it needs no reading again. */
export interface FailedObject {
  readonly ref: ObjectRef;
  readonly fault: Fault;
  readonly resume?: ResumePoint;
}

/** A run of records in order, and what it means for progress once it is acked. A chunk may span many small objects. */
export interface Chunk {
  readonly records: readonly SourceRecord[];
  readonly bytes: number;
  /** Objects whose last record is in this chunk (or which hold none), in listing order. */
  readonly done: readonly ObjectRef[];
  /** The object that goes on behind this chunk. */
  readonly resume?: ResumePoint;
  /** Objects that could not be read in this run; whatever was yielded of them is only what came before. */
  readonly failed: readonly FailedObject[];
  /** Objects that vanished or changed since they were listed. */
  readonly missed: readonly ObjectRef[];
  /** What it means for progress is saved as soon as it is acked. */
  readonly urgent?: true;
}
