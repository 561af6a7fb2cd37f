import type { Route } from '../config/route.ts';
import type { Config } from '../config/schema.ts';
import type { Schema } from '../contracts/schema.ts';
import type { SourceRecord } from '../contracts/types.ts';
import { VERSION } from '../contracts/version.ts';
import { decode } from '../detections/decode.ts';
import type { DecodedRecord } from '../detections/decoded.ts';
import { compileFilters, type Filter } from '../detections/filters.ts';
import type { Mapper } from '../mapping/document.ts';
import { loadMappings } from '../mapping/load.ts';
import { compileMapper } from '../mapping/mapper.ts';
import type { MapperOptions } from '../mapping/options.ts';
import { profilesOf } from '../mapping/profiles.ts';
import { createWriters, type Pages } from '../mapping/writer/index.ts';
import { type Frame, frameOf } from './frame.ts';

/** Everything between a record and its documents. */
export interface Transform extends Frame {
  /** Each record with its detections, in order. */
  readonly decode: (records: readonly SourceRecord[], receivedMs: number) => Iterable<DecodedRecord>;
  readonly filter: Filter;
  readonly map: Mapper;
  /** Where `map` writes: opened for each slice of a batch, and reused once the slice is settled. */
  readonly pages: Pages;
}

type Shaping = Pick<
  Config,
  'identity' | 'severity' | 'labels' | 'preserve_original' | 'mapping' | 'filters' | 'limits' | 'redaction'
> &
  Partial<Pick<Config, 'pipeline' | 'enrichment'>>;

export interface TransformOptions {
  readonly schema: Schema;
  readonly namespace?: string | undefined;
  readonly tags?: readonly string[];
  readonly quiet?: boolean;
}

/** Maps documents the way the route's sink wants them. */
export function transformFor(
  { config, sink }: Route,
  options: Pick<TransformOptions, 'tags' | 'quiet'> = {},
  frame?: Frame,
): Transform {
  return transformOf(config, { ...sink.shape, ...options }, frame);
}

/** Everything is compiled once, from the configuration. */
export function transformOf(
  config: Shaping,
  options: TransformOptions,
  frame: Frame = frameOf(config),
): Transform {
  const { runs, redactor } = frame;
  const mappings = loadMappings(config.mapping.path);
  const profiles = profilesOf(mappings, options.schema);
  const decodeOptions = {
    ...profiles,
    identity: config.identity,
    severity: config.severity,
    deriveDestination: config.mapping.derive_destination,
    runs,
    redactor,
  };
  const mapper: MapperOptions = {
    schema: options.schema,
    labels: config.labels,
    tags: options.tags ?? [],
    preserveOriginal: config.preserve_original,
    quiet: options.quiet ?? false,
    namespace: options.namespace ?? 'default',
    cimProfile: config.mapping.cim_profile,
    version: VERSION,
  };
  const writers = createWriters();
  return {
    decode: (records, receivedMs) => decode(records, receivedMs, decodeOptions),
    filter: compileFilters(config.filters),
    map: compileMapper(mappings, mapper, writers),
    pages: writers,
    ...frame,
  };
}
