import { loadConfig } from './load.ts';
import { type Override } from './override.ts';
import { type Config, configSchema } from './schema.ts';

/** The keys of a configuration that decide how a record becomes a document. */
export type Shaping = Pick<
  Config,
  'identity' | 'severity' | 'labels' | 'preserve_original' | 'mapping' | 'filters' | 'limits' | 'redaction'
>;

/** Like `loadConfig`, for commands that neither read a source nor write to a sink: both may be missing. */
export function loadShaping(file: string | undefined, overrides: readonly Override[]): Shaping {
  if (file !== undefined) return loadConfig(file, overrides);
  const source = { path: ['source'], value: { type: 'file', path: '-' } };
  const sink = { path: ['sink'], value: { type: 'ndjson' } };
  return loadConfig(undefined, [source, sink, ...overrides]);
}

/** The shaping without any configuration. */
export function defaultShaping(): Shaping {
  return configSchema.parse({ source: { type: 'file', path: '-' }, sink: { type: 'ndjson' } });
}
