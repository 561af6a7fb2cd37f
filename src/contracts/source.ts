import { hash } from 'node:crypto';
import { type Bound, bind, type Component, type Context } from './component.ts';
import type { Place } from './place.ts';
import type { Source } from './types.ts';

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
   * Writes one part at once, beside everything else as last saved; durable when it resolves. Such a part comes from
   * `Source.progress()` only after `ended`. Absent where nothing is remembered.
   */
  readonly note?: (part: string, bytes: Buffer) => Promise<void>;
  /**
   * Present for a backfill: read everything that may hold events of this range, once, in key order over what exists
   * now, and resume from the checkpoint's marker. Object dates only prune, conservatively; the pipeline filters by
   * event time.
   */
  readonly backfill?: TimeRange;
  /** Present for one share of a backfill: only content whose URI `isOfShard` is read. Only given where `shards` is true. */
  readonly shard?: Shard;
  /**
   * Whether a place of the source (a key, an absolute path) is one where this configuration keeps its own state or dead
   * letters: never read, counted as `objects_ours`. By place alone, so that no content can pass for ours.
   */
  readonly isOurs?: (place: string) => boolean;
  /** Bounds of a batch. */
  readonly batch: { readonly maxBytes: number; readonly maxRecords: number };
  /** Caps on content; over a cap a record carries a fault. */
  readonly limits: Limits;
}

/**
 * Below this many bytes, neither decompressed content nor what a group becomes is held to `Limits.expansion`: a small file
 * of equal lines is not a bomb, and the fields of a small parent far outweigh short members.
 */
export const EXPANSION_FLOOR = 16 * 2 ** 20;

export interface Limits {
  /** Bytes of one record's text. */
  readonly recordBytes: number;
  /** Bytes of one object's decompressed content. */
  readonly objectBytes: number;
  /** Decompressed bytes per compressed byte. */
  readonly expansion: number;
  /** Memory that a zstd frame may ask for. */
  readonly zstdWindowBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  recordBytes: 10 * 2 ** 20,
  objectBytes: 8 * 2 ** 30,
  expansion: 200,
  zstdWindowBytes: 8 * 2 ** 20,
};

/** What a checkpoint holds of a source, as last saved. */
export interface Parts {
  /** Names and sizes in bytes. */
  readonly sizes: ReadonlyMap<string, number>;
  part(name: string): Promise<Buffer | undefined>;
}

/** Content to read once more: what was modified at or after a time (epoch milliseconds), or lies below a URI. */
export type Again = { readonly since: number } | { readonly below: string };

/** What reading again takes and causes. */
export interface Revisit {
  /** Parts to change; `null` removes one. */
  readonly parts: ReadonlyMap<string, Buffer | null>;
  readonly objects: number;
  readonly bytes: number;
}

export interface SourceComponent<Options> extends Component<Options, SourceContext, Source> {
  /** In a label on each event: few values, never a key, e.g. `s3:bucket`. */
  label(options: Options): string;
  /**
   * Whether what lies at this URI (of an `Origin`) changes in place: what was read there and what is stored of it need not
   * agree. Absent: never.
   */
  isMutable?(uri: string): boolean;
  /** Where it reads, of what this program could write to as well: that is refused. */
  reads?(options: Options): Place | undefined;
  /** Its backfill can be split into shards. */
  readonly shards?: true;
  /** It has `Source.askRun`. */
  readonly knowsRuns?: true;
  /** Lines for people about what the parts hold. Throws `ConfigError` for parts of another version. */
  describe?(parts: Parts): Promise<readonly string[]>;
  /**
   * What a run would forget so that `again` is read once more; changes nothing. Absent where what was read has no time
   * and no place. Throws `ConfigError` when there is no such content, or too much of it.
   */
  revisit?(options: Options, again: Again, parts: Parts, context: Context): Promise<Revisit>;
}

export interface BoundSource extends Bound<SourceContext, Source> {
  readonly reads: Place | undefined;
  readonly label: string;
  readonly shards: boolean;
  readonly knowsRuns: boolean;
  describe(parts: Parts): Promise<readonly string[]>;
  readonly revisit: ((again: Again, parts: Parts, context: Context) => Promise<Revisit>) | undefined;
}

export function bindSource<Options>(component: SourceComponent<Options>, options: Options): BoundSource {
  const revisit = component.revisit?.bind(component);
  return {
    ...bind(component, options),
    label: component.label(options),
    reads: component.reads?.(options),
    shards: component.shards === true,
    knowsRuns: component.knowsRuns === true,
    describe: async (parts) => (await component.describe?.(parts)) ?? [],
    revisit: revisit && ((again, parts, context) => revisit(options, again, parts, context)),
  };
}
