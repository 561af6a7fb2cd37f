import type { Component } from '../component.ts';
import type { Source } from '../types.ts';

/** A half-open range of event time in epoch milliseconds. An absent end is open. */
export interface TimeRange {
  readonly from?: number;
  readonly to?: number;
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

export type SourceComponent<Options> = Component<Options, SourceContext, Source>;
