import { ConfigError } from '../contracts/errors.ts';
import { type DiskPlace, isBucket, type Place } from '../contracts/place.ts';
import type { BoundSink } from '../contracts/sink.ts';
import type { BoundSource } from '../contracts/source.ts';
import { DEFAULT_STATE } from '../state/default.ts';
import { placeOfStore } from '../state/index.ts';
import { bucketOverlap, sameBucket } from './bucket-places.ts';
import { isWithin, readPlaceOf, realPath } from './read-place.ts';
import type { Config } from './schema.ts';
import { scratchIn } from './spool.ts';

/** The ends of a route. */
interface Ends {
  readonly config: Config;
  readonly source: Pick<BoundSource, 'reads'>;
  readonly sink: Pick<BoundSink, 'writes'>;
}

/** A place that a configuration writes to. */
interface OwnPlace {
  /** The key that names it. */
  readonly key: string;
  readonly place: Place;
  /** Everything below it is ours. Output is written next to other content of a folder, never into folders below it. */
  readonly whole: boolean;
}

function ownPlaces({ config, sink }: Ends): OwnPlace[] {
  const { state, dead_letters: letters, metrics } = config;
  const places: OwnPlace[] = [
    {
      key: state === undefined ? `state (not given, so ${DEFAULT_STATE.path})` : 'state',
      place: placeOfStore(state ?? DEFAULT_STATE),
      whole: true,
    },
  ];
  // Without a store of their own, dead letters are inside the state.
  if (letters.store !== undefined)
    places.push({ key: 'dead_letters.store', place: placeOfStore(letters.store), whole: true });
  if (sink.writes !== undefined)
    places.push({ key: `sink.${sink.writes.option}`, place: sink.writes, whole: false });
  if (metrics.textfile !== undefined)
    places.push({
      key: 'metrics.textfile',
      place: { option: 'textfile', path: metrics.textfile },
      whole: false,
    });
  return places;
}

/**
 * Throws `ConfigError` if state, dead letters or output are where the source reads, as far as the configuration shows:
 * they would come back as detections forever. Follows links.
 */
export function refuseOverlaps(route: Ends): void {
  const { reads } = route.source;
  if (reads === undefined) return;
  for (const { key, place, whole } of ownPlaces(route)) {
    const found = overlapOf(place, reads, whole);
    if (found !== undefined)
      throw new ConfigError(
        `${key}: ${found}, and would be read as detections: choose another location for it`,
      );
  }
}

function overlapOf(own: Place, reads: Place, whole: boolean): string | undefined {
  if (isBucket(own)) return isBucket(reads) ? bucketOverlap(own, reads) : undefined;
  return isBucket(reads) ? undefined : diskOverlap(own, reads, whole);
}

function diskOverlap({ path }: DiskPlace, reads: DiskPlace, whole: boolean): string | undefined {
  const own = realPath(path);
  const { base, takesAll } = readPlaceOf(reads.path);
  if (takesAll && isWithin(own, base)) return `${path} is under source.${reads.option}`;
  if (whole && isWithin(base, own)) return `${path} contains what source.${reads.option} names`;
  return undefined;
}

/**
 * Tests whether a place of the source (a key, a real path) is one this configuration writes to, for cases the
 * configuration cannot show: one server by two names, access points, patterns. Undefined if there cannot be any.
 */
export function ownPlaceTest(route: Ends): ((place: string) => boolean) | undefined {
  const { reads } = route.source;
  if (reads === undefined) return undefined;
  const places = ownPlaces(route).map(({ place }) => place);
  if (isBucket(reads)) {
    const prefixes = places.flatMap((own) =>
      isBucket(own) && sameBucket(reads, own) !== 'no' ? own.prefixes : [],
    );
    return prefixes.length === 0 ? undefined : (key) => prefixes.some((prefix) => key.startsWith(prefix));
  }
  const { base } = readPlaceOf(reads.path);
  const within = [
    ...places.flatMap((own) => (isBucket(own) ? [] : [realPath(own.path)])),
    // The source would read the beginning of a file that is still being received.
    ...(route.config.receive === undefined ? [] : [scratchIn(base)]),
  ].filter((path) => isWithin(path, base));
  return within.length === 0 ? undefined : (path) => within.some((own) => isWithin(path, own));
}

/** Throws `ConfigError` if the source would read a file that a command writes. */
export function refuseInSource(
  { source: { reads } }: Pick<Ends, 'source'>,
  path: string,
  flag: string,
): void {
  if (reads === undefined || isBucket(reads)) return;
  const { base, takesAll } = readPlaceOf(reads.path);
  if (takesAll && isWithin(realPath(path), base))
    throw new ConfigError(
      `${flag}: ${path} is under source.${reads.option} and would be read: choose another location`,
    );
}
