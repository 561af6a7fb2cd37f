import { hash } from 'node:crypto';
import type { Component } from '../component.ts';
import type { Source } from '../types.ts';

/** A half-open range of event time in epoch milliseconds. An absent end is open. */
export interface TimeRange {
  readonly from?: number;
  readonly to?: number;
}

/** One of `of` equal shares of a backfill; `index` counts from zero. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** Whether the content at `uri` falls to this shard: the same answer on every machine, and yes for exactly one shard. */
export function isOfShard(uri: string, shard: Shard | undefined): boolean {
  return shard === undefined || hash('sha256', uri, 'buffer').readUIntBE(0, 6) % shard.of === shard.index;
}

/** What a source gets beside the common context. */
export interface SourceContext {
  /** A part of the checkpoint as last saved; undefined when there is none. Names are those `Source.progress()` gave. */
  readonly part: (name: string) => Promise<Buffer | undefined>;
  /**
   * Present for a backfill: read everything that may hold events of this range, once, in key order over what exists
   * now, and resume from the checkpoint's marker. Object dates only prune, conservatively; the pipeline filters by
   * event time.
   */
  readonly backfill?: TimeRange;
  /** Present for one share of a backfill: only content whose URI `isOfShard` is read. Only given where `shards` is true. */
  readonly shard?: Shard;
  /** Bounds of a batch. */
  readonly batch: { readonly maxBytes: number; readonly maxRecords: number };
  /** Caps on content; over a cap a record carries a fault. */
  readonly limits: Limits;
}

export interface Limits {
  /** Bytes of one record's text. */
  readonly recordBytes: number;
  /** Bytes of one object's decompressed content. */
  readonly objectBytes: number;
  /** Decompressed bytes per compressed byte. */
  readonly expansion: number;
}

export const DEFAULT_LIMITS: Limits = { recordBytes: 10 * 2 ** 20, objectBytes: 8 * 2 ** 30, expansion: 200 };

export interface SourceComponent<Options> extends Component<Options, SourceContext, Source> {
  /** Its backfill can be split into shards. */
  readonly shards?: true;
}
