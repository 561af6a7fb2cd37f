import type { NamedComponent } from './component.ts';
import type { Document, Sink } from './types.ts';

/** What a sink gets beside the common context. */
export interface SinkContext {
  /** Runs in a row that did not end cleanly before this one: what comes may have been sent by each of them. */
  readonly uncleanRuns: number;
  /** Name of the source that is read, for destinations that label events with where they came from. */
  readonly sourceName?: string | undefined;
  /**
   * Sample documents, mapped by the configuration in force: the richest of each dataset for `check`, one of every kind
   * for a sink that must tell a wrong template from wrong documents. Made when asked for.
   */
  readonly samples?: () => readonly Document[];
}

export type SinkComponent<Options> = NamedComponent<Options, SinkContext, Sink>;
