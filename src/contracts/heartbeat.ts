/** A name and how often it occurred. */
export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

/**
 * What the destination is told about the passes since the last heartbeat, so that it can alert on silence. Keys never
 * depend on what was read: names are values, and their lists are bounded.
 */
export interface Heartbeat {
  /** Unique: who sent it, and its sequence number. */
  readonly id: string;
  /** Name of the configuration, to tell feeds on one machine apart. */
  readonly configuration: string;
  readonly version: string;
  /** The sending machine. */
  readonly host: string;
  readonly command: string;
  readonly source: string;
  readonly sink: string;
  /** Epoch milliseconds. */
  readonly started: number;
  readonly finished: number;
  readonly passes: number;
  /** Of the last pass, like the next two. */
  readonly exitCode: number;
  readonly error?: string | undefined;
  readonly complete: boolean;
  /** Seconds since the latest event time read. */
  readonly lag?: number | undefined;
  /** The numbers at the top of the ledger, with its names. */
  readonly counts: Readonly<Record<string, number>>;
  /** The lists of the ledger, with its names. */
  readonly lists: Readonly<Record<string, readonly NamedCount[]>>;
}
