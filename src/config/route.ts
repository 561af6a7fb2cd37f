import { parse } from 'node:path';
import type { BoundSink } from '../contracts/sink.ts';
import type { BoundSource } from '../contracts/source.ts';
import { speakBy } from '../redaction/spoken.ts';
import { sinkOf } from '../sinks/index.ts';
import { sourceOf } from '../sources/index.ts';
import { loadConfig } from './load.ts';
import type { Override } from './override.ts';
import { refuseOverlaps } from './own-places.ts';
import type { Config } from './schema.ts';

/** A configuration with its two ends: one source, one sink. Each command binds them once. */
export interface Route {
  /** Its name in heartbeats: the file name without folder and extension. */
  readonly name: string;
  readonly config: Config;
  readonly source: BoundSource;
  readonly sink: BoundSink;
}

/** Throws `ConfigError` if the source would read what the program writes. */
export function routeOf(config: Config, file?: string): Route {
  const name = file === undefined ? 'flags' : parse(file).name;
  const route = { name, config, source: sourceOf(config.source), sink: sinkOf(config.sink) };
  refuseOverlaps(route);
  return route;
}

/**
 * Reads the configuration as `loadConfig` does, and binds it. From then on its redaction applies to everything the
 * program prints.
 */
export function loadRoute(file: string | undefined, overrides: readonly Override[]): Route {
  const config = loadConfig(file, overrides);
  speakBy(config.redaction);
  return routeOf(config, file);
}
