import { hash } from 'node:crypto';
import { type Bound, bind, type Component, type Context } from './component.ts';
import type { Place } from './place.ts';
import type { Source } from './types.ts';

/** A half-open range of event time in epoch milliseconds. A missing end is open. */
export interface TimeRange {
  readonly from?: number;
  readonly to?: number;
}

/** One of `of` equal shares of a backfill; `index` counts from zero. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/**
 * Whether the content at `uri` belongs to this shard: every machine gives the same answer, and exactly one shard says
 * yes.
 */
export function isOfShard(uri: string, shard: Shard | undefined): boolean {
  return shard === undefined || hash('sha256', uri, 'buffer').readUIntBE(0, 6) % shard.of === shard.index;
}

/** What a source gets in addition to the common context. */
export interface SourceContext {
  /**
   * A part of the checkpoint as last saved; undefined if there is none. The names are those returned by
   * `Source.progress()`.
   */
  readonly part: (name: string) => Promise<Buffer | undefined>;
  /**
   * Saves one part immediately and leaves everything else as last saved; durable when it resolves. `Source.progress()`
   * returns such a part only after `ended`. Absent when nothing is remembered.
   */
  readonly note?: (part: string, bytes: Buffer) => Promise<void>;
  /**
   * Present for a backfill: read everything that may contain events in this range, once, in key order over what exists
   * now, and resume from the checkpoint's marker. Object dates are only used to skip objects, conservatively; the
   * pipeline filters by event time.
   */
  readonly backfill?: TimeRange;
  /**
   * Present for one share of a backfill: read only content whose URI satisfies `isOfShard`. Only given if `shards` is
   * true.
   */
  readonly shard?: Shard;
  /**
   * Whether a place of the source (a key, an absolute path) is one where this configuration keeps its own state or dead
   * letters: never read, counted as `objects_ours`. Decided by place alone, so that no content can pass itself off as
   * ours.
   */
  readonly isOurs?: (place: string) => boolean;
  /** What is read is filled by a receiver of this configuration: if nothing is there, nothing was sent. */
  readonly mayBeEmpty?: true;
  /** Limits of a batch. */
  readonly batch: { readonly maxBytes: number; readonly maxRecords: number };
  /** Limits on content; a record over a limit carries a fault. */
  readonly limits: Limits;
}

/**
 * Below this many bytes, `Limits.expansion` applies neither to decompressed content nor to an expanded group: a small
 * file of identical lines is not a bomb, and the fields of a small parent far outweigh short members.
 */
export const EXPANSION_FLOOR = 16 * 2 ** 20;

export interface Limits {
  /** Bytes of one record's text. */
  readonly recordBytes: number;
  /** Bytes of one object's decompressed content. */
  readonly objectBytes: number;
  /** Decompressed bytes per compressed byte. */
  readonly expansion: number;
  /** Memory that a zstd frame may request. */
  readonly zstdWindowBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  recordBytes: 10 * 2 ** 20,
  objectBytes: 8 * 2 ** 30,
  expansion: 200,
  zstdWindowBytes: 8 * 2 ** 20,
};

/** A source's parts of a checkpoint, as last saved. */
export interface Parts {
  /** Names and sizes in bytes. */
  readonly sizes: ReadonlyMap<string, number>;
  part(name: string): Promise<Buffer | undefined>;
}

/** Content to read again: modified at or after a time (epoch milliseconds), or below a URI. */
export type Again = { readonly since: number } | { readonly below: string };

/** What reading again requires and causes. */
export interface Revisit {
  /** Parts to change; `null` removes one. */
  readonly parts: ReadonlyMap<string, Buffer | null>;
  readonly objects: number;
  readonly bytes: number;
}

export interface SourceComponent<Options> extends Component<Options, SourceContext, Source> {
  /** A label on each event: few distinct values, never a key, for example `s3:bucket`. */
  label(options: Options): string;
  /**
   * Whether the content at this URI (of an `Origin`) can change in place, so that what was read and what is stored need
   * not match. If absent: never.
   */
  isMutable?(uri: string): boolean;
  /** The place it reads from, if this program could write there as well: that is refused. */
  reads?(options: Options): Place | undefined;
  /** Its backfill can be split into shards. */
  readonly shards?: true;
  /** It implements `Source.askRun`. */
  readonly knowsRuns?: true;
  /** Lines for people about what the parts contain. Throws `ConfigError` for parts of another version. */
  describe?(parts: Parts): Promise<readonly string[]>;
  /**
   * What a run would have to forget so that `again` is read again; changes nothing. Absent for a source whose content
   * has no time and no place. Throws `ConfigError` if there is no such content, or too much of it.
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
