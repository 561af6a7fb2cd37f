import { type Bound, bind, type Component } from './component.ts';
import type { Place } from './place.ts';
import type { Schema } from './schema.ts';
import type { Document, Sink } from './types.ts';

/** What a checkpoint knows of documents that may be stored more than once. */
export interface Sending {
  /** Upper bound of what runs before sent without settling it, which comes again. Count it once, with the first request. */
  readonly left: number;
  /** Any document may have been sent before, by a run that settled it. */
  readonly revisits: boolean;
  /** Called before so many documents are sent, first or again: a promise, where there is one, must resolve before. */
  announce(documents: number): Promise<void> | undefined;
  /** So many that were announced are known not to have arrived, and this write gives them up. */
  withdraw(documents: number): void;
}

/** What a sink gets beside the common context. */
export interface SinkContext {
  /** Absent where no checkpoint counts what is sent. Only for a destination that stores again what is sent again. */
  readonly sending?: Sending | undefined;
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
