import type { Route } from '../config/route.ts';
import type { Config } from '../config/schema.ts';
import type { Schema } from '../contracts/schema.ts';
import type { Document, Sink, SourceRecord } from '../contracts/types.ts';
import { decode } from '../detections/decode.ts';
import type { DecodedRecord } from '../detections/decoded.ts';
import type { Detection } from '../detections/detection.ts';
import { compileFilters, type Filter } from '../detections/filters.ts';
import type { Burial } from '../letters/burial.ts';
import type { Mapper } from '../mapping/document.ts';
import { loadMappings } from '../mapping/load.ts';
import { compileMapper } from '../mapping/mapper.ts';
import type { MapperOptions } from '../mapping/options.ts';
import { profilesOf } from '../mapping/profiles.ts';
import { createWriters, type Pages } from '../mapping/writer/index.ts';
import type { Bugs } from './bugs.ts';
import type { Limiter } from './limiter.ts';
import { type Bounds, DEFAULT_BOUNDS } from './walk.ts';

/** What happens to a batch between source and ack. */
export interface Stages {
  /** Each record and what it held, in order. */
  readonly decode: (records: readonly SourceRecord[], receivedMs: number) => Iterable<DecodedRecord>;
  readonly filter: Filter;
  readonly map: Mapper;
  /** Where `map` writes: opened for each slice of a batch, and free again when it is settled. */
  readonly pages?: Pages;
  /** How much of a batch is worked on at once. */
  readonly bounds?: Bounds;
  readonly sink: Sink;
  /** Absent in a dry run, where dead letters are only counted. */
  readonly burial?: Burial;
  /** What becomes of a record over which one of the stages above throws. */
  readonly bugs: Bugs;
  readonly limiter?: Limiter;
  /** Sees every detection that will be sent, for `--dry-run` and the demo. */
  readonly observe?: (detection: Detection, documents: readonly Document[]) => void;
}

type Transform = Pick<Stages, 'decode' | 'filter'> & {
  readonly map: Mapper;
  readonly pages: Pages;
  readonly bounds: Bounds;
};
type Shaping = Pick<
  Config,
  'identity' | 'severity' | 'labels' | 'preserve_original' | 'mapping' | 'filters' | 'limits'
> &
  Partial<Pick<Config, 'pipeline'>>;

export interface TransformOptions {
  readonly schema: Schema;
  readonly namespace?: string | undefined;
  readonly tags?: readonly string[];
  readonly quiet?: boolean;
}

/** Everything between a record and its documents, as the sink of a route wants them. */
export function transformFor(
  { config, sink }: Route,
  options: Pick<TransformOptions, 'tags' | 'quiet'> = {},
): Transform {
  return transformOf(config, { ...sink.shape, ...options });
}

/** Everything between a record and its documents, compiled once from the configuration. */
export function transformOf(config: Shaping, options: TransformOptions): Transform {
  const mappings = loadMappings(config.mapping.path);
  const profiles = profilesOf(mappings, options.schema);
  const decodeOptions = {
    ...profiles,
    identity: config.identity,
    severity: config.severity,
    deriveDestination: config.mapping.derive_destination,
  };
  const mapper: MapperOptions = {
    schema: options.schema,
    labels: config.labels,
    tags: options.tags ?? [],
    preserveOriginal: config.preserve_original,
    quiet: options.quiet ?? false,
    namespace: options.namespace ?? 'default',
    cimProfile: config.mapping.cim_profile,
  };
  const writers = createWriters();
  return {
    decode: (records, receivedMs) => decode(records, receivedMs, decodeOptions),
    filter: compileFilters(config.filters),
    map: compileMapper(mappings, mapper, writers),
    pages: writers,
    bounds: {
      records: config.pipeline?.batch_records ?? DEFAULT_BOUNDS.records,
      bytes: config.pipeline?.batch_bytes ?? DEFAULT_BOUNDS.bytes,
      expansion: config.limits.expansion,
    },
  };
}
