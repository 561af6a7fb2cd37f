import type { Config } from '../config/schema.ts';
import { decode } from '../detections/decode.ts';
import type { Mapper } from '../mapping/document.ts';
import { loadMappings } from '../mapping/load.ts';
import { compileMapper } from '../mapping/mapper.ts';
import type { MapperOptions } from '../mapping/options.ts';
import { createPages, type Pages } from '../mapping/pages.ts';
import { profilesOf } from '../mapping/profiles.ts';
import type { Schema } from '../types.ts';
import type { Stages } from './batch.ts';
import { compileFilters } from './filters.ts';
import { type Bounds, DEFAULT_BOUNDS } from './walk.ts';

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

/** Everything between a record and its documents, compiled once from the configuration. */
export function transformOf(config: Shaping, options: TransformOptions): Transform {
  const mappings = loadMappings(config.mapping.dir);
  const profiles = profilesOf(mappings);
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
  const pages = createPages();
  return {
    decode: (records, receivedMs) => decode(records, receivedMs, decodeOptions),
    filter: compileFilters(config.filters),
    map: compileMapper(mappings, mapper, pages),
    pages,
    bounds: {
      records: config.pipeline?.batch_records ?? DEFAULT_BOUNDS.records,
      bytes: config.pipeline?.batch_bytes ?? DEFAULT_BOUNDS.bytes,
      expansion: config.limits.expansion,
    },
  };
}
