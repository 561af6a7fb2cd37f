import type { Config } from '../config/schema.ts';
import { decode } from '../detections/decode.ts';
import { UnavailableError } from '../errors.ts';
import type { Mapper } from '../mapping/document.ts';
import { loadMappings } from '../mapping/load.ts';
import { compileMapper } from '../mapping/mapper.ts';
import type { MapperOptions } from '../mapping/options.ts';
import { createPages, type Pages } from '../mapping/pages.ts';
import { profilesOf } from '../mapping/profiles.ts';
import type { Schema } from '../types.ts';
import type { Stages } from './batch.ts';
import { compileFilters } from './filters.ts';

type Transform = Pick<Stages, 'decode' | 'filter'> & { readonly map: Mapper; readonly pages: Pages };
type Shaping = Pick<Config, 'identity' | 'severity' | 'labels' | 'preserve_original' | 'mapping' | 'filters'>;

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
  };
}

/** Counts dead letters over a run and stops it when there are too many: a wrong template must not drain a month into them. */
export function admission(maxPerRun: number): (letters: number) => void {
  let total = 0;
  return (letters) => {
    total += letters;
    if (total <= maxPerRun) return;
    throw new UnavailableError(
      `${total} dead letters in one run, more than dead_letters.max_per_run (${maxPerRun}): something is wrong with all of them; nothing of this batch counts`,
    );
  };
}
