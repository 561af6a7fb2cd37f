import type { S3Connection } from '../aws/connection.ts';
import { ConfigError } from '../contracts/errors.ts';
import { sinkOf } from '../sinks/index.ts';
import { sourceOf } from '../sources/index.ts';
import { parseTemplate } from '../sources/s3/template.ts';
import { DEFAULT_STATE } from '../state/default.ts';
import type { StateOptions } from '../state/index.ts';
import { isWithin, readPlaceOf, realPath } from './read-place.ts';
import type { Config } from './schema.ts';

/** A place that this configuration writes to. */
interface OwnPlace {
  /** The key that names it. */
  readonly key: string;
  readonly options: StateOptions | { readonly type: 'output'; readonly path: string };
}

function ownPlaces({ state, dead_letters: { store }, sink }: Config): OwnPlace[] {
  const places: OwnPlace[] = [];
  if (state !== undefined) places.push({ key: 'state', options: state });
  else places.push({ key: `state (not given, so ${DEFAULT_STATE.path})`, options: DEFAULT_STATE });
  // Without a store of their own, dead letters lie inside the state.
  if (store !== undefined) places.push({ key: 'dead_letters.store', options: store });
  const output = sinkOf(sink).writes;
  if (output !== undefined) places.push({ key: 'sink.path', options: { type: 'output', path: output } });
  return places;
}

/**
 * Throws `ConfigError` when state, dead letters or output lie where the source reads, as far as the configuration shows
 * it: they would come back as detections for ever. Links are followed.
 */
export function refuseOverlaps(config: Config): void {
  for (const { key, options } of ownPlaces(config)) {
    const found = options.type === 's3' ? overlapInBucket(config, options) : overlapOnDisk(config, options);
    if (found !== undefined)
      throw new ConfigError(`${key}: ${found}, and would be read as detections: choose another place for it`);
  }
}

/**
 * Whether a place of the source (a key, a real path) is one that this configuration writes to, for what a configuration
 * cannot show: one server by two names, access points, patterns. Undefined where nothing can be.
 */
export function ownPlaceTest(config: Config): ((place: string) => boolean) | undefined {
  const { source } = config;
  const places = ownPlaces(config).map(({ options }) => options);
  if (source.type === 's3') {
    const prefixes = places.flatMap((options) =>
      options.type === 's3' && sameBucket(source, options) !== 'no' ? [`${options.prefix}/`] : [],
    );
    return prefixes.length === 0 ? undefined : (key) => prefixes.some((prefix) => key.startsWith(prefix));
  }
  const { reads } = sourceOf(source);
  if (reads === undefined) return undefined;
  const { base } = readPlaceOf(reads);
  const paths = places.flatMap((options) => (options.type === 's3' ? [] : [realPath(options.path)]));
  const within = paths.filter((path) => isWithin(path, base));
  return within.length === 0 ? undefined : (path) => within.some((own) => isWithin(path, own));
}

/** Throws `ConfigError` when a file that a command writes would be read by the source. */
export function refuseInSource({ source }: Config, path: string, flag: string): void {
  const { reads } = sourceOf(source);
  if (reads === undefined) return;
  const { base, takesAll } = readPlaceOf(reads);
  if (takesAll && isWithin(realPath(path), base))
    throw new ConfigError(`${flag}: ${path} lies under source.path and would be read: choose another place`);
}

function overlapOnDisk(
  { source }: Config,
  options: { readonly type: 'file' | 'output'; readonly path: string },
): string | undefined {
  const { reads } = sourceOf(source);
  if (reads === undefined) return undefined;
  const own = realPath(options.path);
  const { base, takesAll } = readPlaceOf(reads);
  if (takesAll && isWithin(own, base)) return `${options.path} lies under source.path`;
  // Output is written beside what a folder holds, never below its folders.
  if (options.type === 'file' && isWithin(base, own)) return `${options.path} holds what source.path names`;
  return undefined;
}

type S3Place = Pick<S3Connection, 'endpoint'> & { readonly bucket: string };

function overlapInBucket(
  { source }: Config,
  state: S3Place & { readonly prefix: string },
): string | undefined {
  if (source.type !== 's3') return undefined;
  const same = sameBucket(source, state);
  if (same === 'no') return undefined;
  const own = `${state.prefix}/`;
  for (const prefix of source.prefixes) {
    // Folders whose name a template cannot read are listed as well: everything below its fixed part is read.
    const { root } = parseTemplate(prefix);
    if (root.startsWith(own)) return `s3://${state.bucket}/${own} holds what source.prefixes names`;
    if (same === 'yes' && own.startsWith(root))
      return `s3://${state.bucket}/${own} lies under source.prefixes (${root === '' ? 'the whole bucket' : root})`;
  }
  return undefined;
}

/** `maybe`: one name on two addresses of perhaps one server, or a name that stands for some bucket. */
function sameBucket(source: S3Place, state: S3Place): 'yes' | 'maybe' | 'no' {
  if (source.bucket === state.bucket) return serverOf(source) === serverOf(state) ? 'yes' : 'maybe';
  return isAccessPoint(source.bucket) || isAccessPoint(state.bucket) ? 'maybe' : 'no';
}

function serverOf({ endpoint }: S3Place): string {
  if (endpoint === undefined) return 'aws';
  const { hostname, origin } = new URL(endpoint);
  return hostname.endsWith('.amazonaws.com') ? 'aws' : origin;
}

function isAccessPoint(bucket: string): boolean {
  return bucket.startsWith('arn:') || /(?:-s3alias|--ol-s3)$/.test(bucket);
}
