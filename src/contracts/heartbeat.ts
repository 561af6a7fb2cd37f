/** How often something of a name came. */
export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

/**
 * What the destination is told of the passes since the last one, so that it can alert on silence. No keys that depend on
 * what was read: names are values, and their lists are bounded.
 */
export interface Heartbeat {
  /** Its own alone: who sent it, and the how-manieth of them it is. */
  readonly id: string;
  /** Of the configuration, to tell feeds of one machine apart. */
  readonly configuration: string;
  readonly version: string;
  /** The machine that sends. */
  readonly host: string;
  readonly command: string;
  readonly source: string;
  readonly sink: string;
  /** Epoch milliseconds. */
  readonly started: number;
  readonly finished: number;
  readonly passes: number;
  /** Of the last pass, like the two that follow. */
  readonly exitCode: number;
  readonly error?: string | undefined;
  readonly complete: boolean;
  /** Seconds since the latest event time that was read. */
  readonly lag?: number | undefined;
  /** The numbers at the top of the ledger, under its names. */
  readonly counts: Readonly<Record<string, number>>;
  /** The lists of the ledger, under its names. */
  readonly lists: Readonly<Record<string, readonly NamedCount[]>>;
}
