import type { NamedComponent } from '../component.ts';
import type { Sink } from '../types.ts';

/** What a sink gets beside the common context. */
export interface SinkContext {
  /** Runs in a row that did not end cleanly before this one: what comes may have been sent by each of them. */
  readonly uncleanRuns: number;
  /** Name of the source that is read, for destinations that label events with where they came from. */
  readonly sourceName?: string | undefined;
  /** A sample document of each dataset, mapped by the configuration in force; for `check`. */
  readonly samples?: readonly import('../types.ts').Document[];
}

export type SinkComponent<Options> = NamedComponent<Options, SinkContext, Sink>;
