import type { Heartbeat } from './heartbeat.ts';

/**
 * Words, as this project uses them:
 *
 *   record      raw text as it arrived, with its origin
 *   detection   a decoded record; a grouped record holds several
 *   document    a detection in the words of one schema (ECS or CIM), as JSON
 *   batch, ack  the unit of progress, and the act of making it
 *   fate        delivered, duplicate, dead_lettered or filtered: every detection has one
 *   checkpoint  what a source remembers between runs
 *   ledger      the closing account of a run
 *   dead letter what could not be delivered, why, and where it came from
 */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Where a record was read, precise enough to read it again. Shared by all records of one object. */
export interface Origin {
  /** The source that read it: `s3`, `file`, `api`, `stdin`, or the name of another source. */
  readonly source: string;
  /** `s3://bucket/key`, a file's path, or an API path. */
  readonly uri: string;
  /** Identifies one content of the place: an ETag, or size and mtime. Absent if nothing does. */
  readonly version?: string;
  /**
   * The records are rows of a list requested by a source of this program. They have no distinguishing offset, cannot be
   * read again, and what the source added to a row (its key `stepsecurity_siem`) is trusted.
   */
  readonly rows?: true;
}

/** A piece of content that could not be framed as a record: over a limit, truncated, or unreadable. */
export interface Fault {
  /** A short, stable code, for example `record_too_large`, `truncated`, `bad_gzip`, `object_unreadable`. */
  readonly code: string;
  /** One sentence for the operator. Never contains content. */
  readonly reason: string;
  /** Concerns the object as a whole: at most one per reading of it. */
  readonly whole?: true;
}

/** One JSON text as it arrived. With `fault` it is only the beginning of what could not be framed. */
export interface SourceRecord {
  /** May be recomputed on each access: read it once. */
  readonly text: string;
  readonly origin: Origin;
  /** Byte offset of the record in the (decompressed) content of its origin. */
  readonly offset: number;
  readonly fault?: Fault;
}

/** Records in reading order, and a promise to remember them. */
export interface Batch {
  readonly records: readonly SourceRecord[];
  /** Bytes of text in `records`. */
  readonly bytes: number;
  /**
   * Called exactly once, when every record of this batch and of all batches yielded before it is settled (delivered,
   * duplicate, filtered, or written to the dead letters). Never called for a batch that is given up.
   */
  ack(): void | Promise<void>;
  /** Save progress as soon as this batch is acked, without waiting for `save_interval`. It may have no records. */
  readonly urgent?: true;
}

/** Where records come from. */
export interface Source {
  /**
   * One pass: yields until there is nothing new, or until shortly after `stop` is aborted (then it ends normally).
   * Leaving the loop early gives up whatever was not acked. Throws `UnavailableError` if the other side stays
   * unreachable, `ConfigError` if it refuses us.
   */
  read(stop: AbortSignal): AsyncIterable<Batch>;
  /**
   * The parts of the checkpoint that acks have changed since the last call; `null` removes a part. Called before each
   * save. Must be synchronous, so that its result and the totals saved with it describe the same moment.
   */
  progress(): ReadonlyMap<string, Buffer | null>;
  /** The pass is over, however it ended: nothing it read is still being processed. Called before the last save. */
  ended?(): void;
  /** Something could not be read in the last pass and will be handed out again: the pass was not complete. */
  leftUnread?(): boolean;
  /**
   * Reads records of an object again, from one offset through another (inclusive), framed as they were the first time.
   * Yields nothing if that content is gone. Absent if nothing can be read twice.
   */
  fetch?(origin: Origin, from: number, to: number): AsyncIterable<SourceRecord>;
  /** What has become of the content of an origin. Absent if nothing can be read twice. */
  successor?(origin: Origin): Promise<Successor>;
  /**
   * The document of a run, which the vendor calls Insights; undefined if there is none. Throws, after only a short
   * wait, if the other side cannot be asked. Absent if the other side only knows detections.
   */
  askRun?(run: RunRef, signal: AbortSignal): Promise<JsonObject | undefined>;
  close?(): Promise<void>;
}

/** What is at the place of an origin now. */
export type Successor =
  | { readonly is: 'unchanged' }
  /** Nothing, or nothing that may be read. */
  | { readonly is: 'gone' }
  /** Other content. `settled`: a run read it to the end, and all of it was delivered, filtered or dead-lettered. */
  | { readonly is: 'replaced'; readonly by: Origin; readonly settled: boolean };

/** One run of a workflow. */
export interface RunRef {
  readonly owner: string;
  /** Only the repository's name. */
  readonly repo: string;
  /** Digits. */
  readonly id: string;
}

/** A detection in the words of one schema. */
export interface Document {
  /** The same detection always has the same uid. */
  readonly uid: string;
  readonly kind: string;
  /** `detection`, `threat_intel` or `pr_check`: the last part of the dataset `stepsecurity.<dataset>`. */
  readonly dataset: string;
  /** Event time in epoch milliseconds. */
  readonly time: number;
  /** True if the payload had no usable time and `time` is when we received it. */
  readonly timeIsReceipt: boolean;
  /**
   * The document as one line of JSON in UTF-8. Its memory is reused once the `write` that received it has settled: copy
   * it to use it longer.
   */
  readonly json: Buffer;
  /**
   * CIM only, for events that are not findings: `activity` is the second event of the `fan_out` profile; `state_change`
   * says that a finding was suppressed, resolved or reopened.
   */
  readonly role?: 'activity' | 'state_change';
  /** Counted among the ledger's warnings: something about the detection that it could not hold. */
  readonly warning?: string;
}

/** What became of one document. */
export type Outcome =
  | { readonly fate: 'delivered' }
  | { readonly fate: 'duplicate' }
  /** The destination dropped it on purpose, for example `dropped_by_pipeline`. */
  | { readonly fate: 'filtered'; readonly by: string }
  /** The destination will never accept it. */
  | { readonly fate: 'rejected'; readonly reason: string };

/** Where documents go. */
export interface Sink {
  /**
   * Resolves with one outcome per document, paired by position, when all are settled. Does its own retrying
   * (`retry.ts`). Throws only to stop the run: `UnavailableError` (nothing of this batch counts, run again),
   * `ConfigError` (credentials, a missing index), or the abort reason of `signal`. May be called again while an earlier
   * call is in progress.
   */
  write(documents: readonly Document[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /**
   * One authenticated, harmless round trip, for a pass that had nothing to write: resolves if the destination would
   * have accepted a document. Loads no client library for it. Retries and throws like `write`. Absent if there is
   * nothing to ask.
   */
  probe?(signal: AbortSignal): Promise<void>;
  /**
   * Stores the numbers of a pass separately from the detections, where nothing mistakes them for one. Tries once and
   * counts nothing; rejects with the problem. Absent if there is no such place, or if it is switched off.
   */
  heartbeat?(beat: Heartbeat, signal: AbortSignal): Promise<void>;
  /**
   * What the destination has of these documents, one answer each, paired by position; for `verify`. Absent if it cannot
   * be asked. Called with about 10,000 at a time, never concurrently. Throws like `write`.
   */
  stored?(documents: readonly Document[], signal: AbortSignal): Promise<readonly Presence[]>;
  /** How far back the destination's content is complete; undefined if it cannot tell. Goes with `stored`. */
  reach?(signal: AbortSignal): Promise<Reach | undefined>;
  /**
   * Instead of `stored`: the search, in the destination's own language, that lists the uids of a range of event time
   * for a person.
   */
  search?(from: number, to: number): string;
  /** Flushes and releases resources. Called once, after the last write has settled. */
  close?(): Promise<void>;
}

/** Stored; refused by the destination but kept in its own failure store; or neither. */
export type Presence =
  | ({ readonly is: 'stored' } & StoredMarks)
  | { readonly is: 'failed' }
  | { readonly is: 'missing' };

/** What a stored document says about its detection, as far as the destination can tell. */
export interface StoredMarks {
  readonly fingerprint?: string;
  /** Where the detection was read: the `uri` of its `Origin`. */
  readonly origin?: string;
}

/** Anything that happened before `since` (epoch milliseconds) may have been deleted in the destination, and why. */
export interface Reach {
  readonly since: number;
  readonly why: string;
}

/** Named counters of a run, for the ledger: requests, retries, bytes, doubled, … */
export interface Meter {
  add(counter: string, by?: number): void;
  /** Reports how long a request took, under the name of its counter. Absent if no one collects durations. */
  took?: ((request: string, seconds: number) => void) | undefined;
}

/** The log: a fixed sentence plus fields, never a secret or a record. `warn`: nothing lost. `error`: an operator must act. */
export interface Log {
  debug(fields: Record<string, unknown>, sentence: string): void;
  info(fields: Record<string, unknown>, sentence: string): void;
  warn(fields: Record<string, unknown>, sentence: string): void;
  error(fields: Record<string, unknown>, sentence: string): void;
}

/** One line of the doctor: what was checked, the result, and how to fix it. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  readonly fix?: string;
}
