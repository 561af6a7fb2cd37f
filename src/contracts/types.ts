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

/** The place a record was read from, precise enough to read it again. Shared by all records of one object. */
export interface Origin {
  /** Which source it was read by: `s3`, `file`, `api`, `stdin`, or a word of another one's own. */
  readonly source: string;
  /** `s3://bucket/key`, a file's path, or an API path. */
  readonly uri: string;
  /** What tells one content of the place from the next: an ETag, or size and mtime. Absent where nothing does. */
  readonly version?: string;
  /**
   * The records are rows of a list that a source of this program asked for: no offset tells one from the next, none can
   * be read again, and what the source added to a row (its key `stepsecurity_siem`) is believed.
   */
  readonly rows?: true;
}

/** A piece of content that could not be framed as a record: over a cap, broken off, not readable. */
export interface Fault {
  /** A short stable word, e.g. `record_too_large`, `truncated`, `bad_gzip`, `object_unreadable`. */
  readonly code: string;
  /** One sentence for the operator. Never holds content. */
  readonly reason: string;
  /** It concerns the object as a whole: one at most for each reading of it. */
  readonly whole?: true;
}

/** One JSON text as it arrived. With `fault` it is only the beginning of what could not be framed. */
export interface SourceRecord {
  /** May be made again at each call: ask once. */
  readonly text: string;
  readonly origin: Origin;
  /** Byte offset of the record in the (decompressed) content of its origin. */
  readonly offset: number;
  readonly fault?: Fault;
}

/** Records in the order they were read, and a promise to remember them. */
export interface Batch {
  readonly records: readonly SourceRecord[];
  /** Bytes of text in `records`. */
  readonly bytes: number;
  /**
   * Called exactly once, when every record of this batch and of all batches yielded before it is settled
   * (delivered, duplicate, filtered, or written to the dead letters). Never called for a batch that is given up.
   */
  ack(): void | Promise<void>;
  /** Progress is saved as soon as it is acked, not only within `save_interval`. It may have no records. */
  readonly urgent?: true;
}

/** Where records come from. */
export interface Source {
  /**
   * One pass: yields until there is nothing new, or soon after `stop` is aborted (it then ends normally).
   * Leaving the loop early gives up whatever was not acked. Throws `UnavailableError` when the other side stays away,
   * `ConfigError` when it refuses us.
   */
  read(stop: AbortSignal): AsyncIterable<Batch>;
  /**
   * The parts of the checkpoint that acks changed since the last call; `null` removes a part. Called before each
   * save; must be synchronous, so that what it returns and the totals beside it describe the same moment.
   */
  progress(): ReadonlyMap<string, Buffer | null>;
  /** The pass is over, however it ended: nothing that was read is worked on any more. Called before the last save. */
  ended?(): void;
  /** Something could not be read in the last pass and will be handed out again: the pass was not complete. */
  leftUnread?(): boolean;
  /**
   * Reads the records of an object again, those from one offset up to another, both included, as they were framed the
   * first time. Yields nothing when that content is gone. Absent where nothing can be read twice.
   */
  fetch?(origin: Origin, from: number, to: number): AsyncIterable<SourceRecord>;
  /** What became of the content of an origin. Absent where nothing can be read twice. */
  successor?(origin: Origin): Promise<Successor>;
  /**
   * The document of a run, which the vendor calls Insights; undefined where there is none. Throws when the other side
   * cannot be asked, after little patience. Absent where the other side knows detections only.
   */
  askRun?(run: RunRef, signal: AbortSignal): Promise<JsonObject | undefined>;
  close?(): Promise<void>;
}

/** What lies at the place of an origin by now. */
export type Successor =
  | { readonly is: 'unchanged' }
  /** Nothing, or nothing that may be read. */
  | { readonly is: 'gone' }
  /** Other content. `settled`: a run read it to its end, and all of it was delivered, filtered or is a dead letter. */
  | { readonly is: 'replaced'; readonly by: Origin; readonly settled: boolean };

/** One run of a workflow. */
export interface RunRef {
  readonly owner: string;
  /** Its name alone. */
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
  /** True when the payload held no usable time and `time` is when we received it. */
  readonly timeIsReceipt: boolean;
  /**
   * The document as one line of JSON in UTF-8. Its memory is used again once the `write` it is given to has settled:
   * keep a copy to use it longer.
   */
  readonly json: Buffer;
  /**
   * CIM only, for events that are no finding: `activity` is the second event of the `fan_out` profile, `state_change` says
   * that a finding was suppressed, resolved or opened again.
   */
  readonly role?: 'activity' | 'state_change';
  /** Counted among the warnings of the ledger: what of the detection it could not hold. */
  readonly warning?: string;
}

/** What became of one document. */
export type Outcome =
  | { readonly fate: 'delivered' }
  | { readonly fate: 'duplicate' }
  /** The destination dropped it on purpose, e.g. `dropped_by_pipeline`. */
  | { readonly fate: 'filtered'; readonly by: string }
  /** The destination will never take it. */
  | { readonly fate: 'rejected'; readonly reason: string };

/** Where documents go. */
export interface Sink {
  /**
   * Resolves with one outcome per document, paired by position, when each is settled. Retries are its own business
   * (`retry.ts`). Throws only to stop the run: `UnavailableError` (nothing of this batch counts, run again),
   * `ConfigError` (credentials, a missing index), or the abort reason of `signal`.
   * May be called again while an earlier call is under way.
   */
  write(documents: readonly Document[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /**
   * One authenticated, harmless round trip, for a pass that had nothing to write: resolves when the destination would
   * have taken something. Loads no client library for it. Retries and throws as `write` does. Absent where there is
   * nothing to ask.
   */
  probe?(signal: AbortSignal): Promise<void>;
  /**
   * Stores what it is told of a pass, in a place beside the detections where nothing takes it for one. One try, counted
   * nowhere; rejects with what is wrong. Absent where there is no such place, or where it is switched off.
   */
  heartbeat?(beat: Heartbeat, signal: AbortSignal): Promise<void>;
  /**
   * What the destination has of these documents, one answer each, paired by position; for `verify`. Absent where it
   * cannot be asked. Called with some 10,000 at a time, never twice at once. Throws as `write` does.
   */
  stored?(documents: readonly Document[], signal: AbortSignal): Promise<readonly Presence[]>;
  /** How far back what it holds is complete; undefined when there is no telling. Beside `stored`. */
  reach?(signal: AbortSignal): Promise<Reach | undefined>;
  /** Instead of `stored`: the search by which a person lists the uids of a range of event time, in the destination's words. */
  search?(from: number, to: number): string;
  /** Flushes and frees. Called once, after the last write settled. */
  close?(): Promise<void>;
}

/** Stored; refused by the destination but kept in its own store of failures; or neither. */
export type Presence =
  | ({ readonly is: 'stored' } & StoredMarks)
  | { readonly is: 'failed' }
  | { readonly is: 'missing' };

/** What a stored document says of the detection it was made of, as far as the destination can tell. */
export interface StoredMarks {
  readonly fingerprint?: string;
  /** Where that was read: the `uri` of its `Origin`. */
  readonly origin?: string;
}

/** What happened before `since` (epoch milliseconds) may have been deleted in the destination, and why. */
export interface Reach {
  readonly since: number;
  readonly why: string;
}

/** Named counters of a run, for the ledger: requests, retries, bytes, doubled, … */
export interface Meter {
  add(counter: string, by?: number): void;
  /** How long a request took; its name is that of its counter. Absent where nobody looks at durations. */
  took?: ((request: string, seconds: number) => void) | undefined;
}

/** The log: a fixed sentence plus fields, never a secret or a record. `warn`: nothing lost. `error`: an operator must act. */
export interface Log {
  debug(fields: Record<string, unknown>, sentence: string): void;
  info(fields: Record<string, unknown>, sentence: string): void;
  warn(fields: Record<string, unknown>, sentence: string): void;
  error(fields: Record<string, unknown>, sentence: string): void;
}

/** One line of the doctor: what was looked at, how it stands, and how to mend it. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  readonly fix?: string;
}
