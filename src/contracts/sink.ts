import { type Bound, bind, type Component } from './component.ts';
import type { Place } from './place.ts';
import type { Schema } from './schema.ts';
import type { Document, Sink } from './types.ts';

/** What a sink gets beside the common context. */
export interface SinkContext {
  /** Runs in a row that did not end cleanly before this one: what comes may have been sent by each of them. */
  readonly uncleanRuns: number;
  /** What the source calls itself in a label (`SourceComponent.label`), for destinations that label events with it. */
  readonly sourceLabel?: string | undefined;
  /**
   * Sample documents, mapped by the configuration in force: the richest of each dataset for `check`, one of every kind
   * for a sink that must tell a wrong template from wrong documents. Made when asked for.
   */
  readonly samples?: () => readonly Document[] | Promise<readonly Document[]>;
}

/** What a sink asks of the documents for it, known before it is opened. */
interface Shape {
  readonly schema: Schema;
  /** Of the data stream, where there is one. */
  readonly namespace?: string;
}

export interface SinkComponent<Options> extends Component<Options, SinkContext, Sink> {
  shape(options: Options): Shape;
  /** Where it writes, of what a source could read as well: that is refused. */
  writes?(options: Options): Place | undefined;
  /** What becomes of what it is sent a second time, as a sentence for people without its full stop. */
  readonly repeats: string;
}

export interface BoundSink extends Bound<SinkContext, Sink> {
  readonly shape: Shape;
  readonly writes: Place | undefined;
  readonly repeats: string;
}

export function bindSink<Options>(component: SinkComponent<Options>, options: Options): BoundSink {
  return {
    ...bind(component, options),
    shape: component.shape(options),
    writes: component.writes?.(options),
    repeats: component.repeats,
  };
}
