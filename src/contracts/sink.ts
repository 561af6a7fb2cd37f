import { type Bound, bind, type Component } from './component.ts';
import type { Place } from './place.ts';
import type { Schema } from './schema.ts';
import type { Document, Sink } from './types.ts';

/** What a checkpoint knows about documents that may be stored more than once. */
export interface Sending {
  /**
   * Upper bound of what earlier runs sent without settling it, and which is sent again. Count it once, with the first
   * request.
   */
  readonly left: number;
  /** Any document may have been sent before, by a run that settled it. */
  readonly revisits: boolean;
  /** Called before this many documents are sent, for the first time or again. Wait for the promise if there is one. */
  announce(documents: number): Promise<void> | undefined;
  /** This many announced documents are known not to have arrived, and this write gives them up. */
  withdraw(documents: number): void;
}

/** What a sink gets in addition to the common context. */
export interface SinkContext {
  /** Absent if no checkpoint counts what is sent. Only for a destination that stores a repeated document again. */
  readonly sending?: Sending | undefined;
  /** The source's label (`SourceComponent.label`), for destinations that label events with it. */
  readonly sourceLabel?: string | undefined;
  /**
   * Sample documents, mapped by the current configuration: the richest of each dataset for `check`, and one of every
   * kind for a sink that must distinguish a wrong template from wrong documents. Created on demand.
   */
  readonly samples?: () => readonly Document[] | Promise<readonly Document[]>;
}

/** What a sink requires of its documents, known before it is opened. */
interface Shape {
  readonly schema: Schema;
  /** Namespace of the data stream, if there is one. */
  readonly namespace?: string;
}

export interface SinkComponent<Options> extends Component<Options, SinkContext, Sink> {
  shape(options: Options): Shape;
  /** The place it writes to, if a source could read there as well: that is refused. */
  writes?(options: Options): Place | undefined;
  /** What happens to a document that is sent again, as a sentence for people without the final period. */
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
