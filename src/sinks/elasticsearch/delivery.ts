import type { SinkContext } from '../../contracts/sink.ts';
import type { Document, Meter, Outcome } from '../../contracts/types.ts';
import type { Cluster } from './cluster.ts';
import type { Stream } from './stream.ts';

/** One document on its way, and what became of it. */
export interface Entry {
  readonly document: Document;
  outcome?: Outcome | undefined;
  /** It was sent, and we do not know whether it arrived. */
  unsure?: boolean;
  /** Tries in which the server failed over it. */
  breaks?: number;
  /** It was created in this index, which was not the write index when we asked: an older one may hold it, too. */
  strayed?: string | undefined;
}

/** What one write needs, shared by its tries. */
export interface Delivery {
  readonly cluster: Cluster;
  readonly stream: Stream;
  readonly gzip: boolean;
  /** Most bytes of a body. */
  readonly limit: number;
  /** Sample detections of every kind, for when all else is refused. */
  readonly samples: NonNullable<SinkContext['samples']>;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}
