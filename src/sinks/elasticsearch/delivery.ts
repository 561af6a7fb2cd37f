import type { SinkContext } from '../../contracts/sink.ts';
import type { Document, Meter, Outcome } from '../../contracts/types.ts';
import type { Cluster } from './cluster.ts';
import type { Stream } from './stream.ts';

/** One document in flight, and what became of it. */
export interface Entry {
  readonly document: Document;
  outcome?: Outcome | undefined;
  /** It was sent, but we do not know whether it arrived. */
  unsure?: boolean;
  /** Attempts in which the server failed on it. */
  breaks?: number;
  /** It was created in this index, which was not the write index when we looked: an older one may have it too. */
  strayed?: string | undefined;
}

/** What one write needs, shared by its attempts. */
export interface Delivery {
  readonly cluster: Cluster;
  readonly stream: Stream;
  readonly gzip: boolean;
  /** Maximum bytes of a body. */
  readonly limit: number;
  /** Sample detections of every kind, for when everything else is refused. */
  readonly samples: NonNullable<SinkContext['samples']>;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}
