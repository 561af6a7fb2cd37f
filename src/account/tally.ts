import { shortName } from '../text/short-name.ts';
import { FATES, type Fate } from './fates.ts';

/** Counts for one kind of detection, by fate. */
type ByFate = Record<Fate, number>;

/**
 * What became of the detections of a batch, a pass or all runs. `read` is counted where records are decoded and the
 * fates where outcomes are known, so their equality proves something.
 */
export interface Tally {
  read: number;
  delivered: number;
  duplicate: number;
  dead_lettered: number;
  filtered: number;
  /** Documents given to the sink. */
  documents: number;
  /** How many of `read` are state changes rather than new findings. */
  state_changes: number;
  /** By kind; anything that could not be decoded counts under `(undecodable)`. */
  readonly kinds: Map<string, ByFate>;
  /** By name of the filter. */
  readonly filters: Map<string, number>;
  /** Kinds without a mapping of their own, and how often each occurred. */
  readonly unknownKinds: Map<string, number>;
  /** `<kind>.<field>` for fields that no mapping reads, and how often each occurred. */
  readonly unknownFields: Map<string, number>;
  /** Codes of doubts about what was read, and how often each occurred. */
  readonly warnings: Map<string, number>;
  /** Values masked in detections, by redaction rule. */
  readonly redactions: Map<string, number>;
  /** Latest event time seen, in epoch milliseconds; 0 when none. */
  latest: number;
}

export const UNDECODABLE = '(undecodable)';

/** Names kept per map. New names beyond that count under `(other)`, so that hostile input cannot inflate the report. */
const MAX_NAMES = 500;

export function createTally(): Tally {
  return {
    read: 0,
    delivered: 0,
    duplicate: 0,
    dead_lettered: 0,
    filtered: 0,
    documents: 0,
    state_changes: 0,
    kinds: new Map(),
    filters: new Map(),
    unknownKinds: new Map(),
    unknownFields: new Map(),
    warnings: new Map(),
    redactions: new Map(),
    latest: 0,
  };
}

export function count(map: Map<string, number>, name: string, by = 1): void {
  const key = keyIn(map, name);
  map.set(key, (map.get(key) ?? 0) + by);
}

/** The key to count a name under: names come from payloads and may be many and long. */
export function keyIn(map: ReadonlyMap<string, unknown>, name: string): string {
  const short = shortName(name);
  return map.has(short) || map.size < MAX_NAMES ? short : '(other)';
}

export function addFate(tally: Tally, kind: string, fate: Fate, by = 1): void {
  tally[fate] += by;
  const key = keyIn(tally.kinds, kind);
  const counts = tally.kinds.get(key) ?? { duplicate: 0, delivered: 0, filtered: 0, dead_lettered: 0 };
  counts[fate] += by;
  tally.kinds.set(key, counts);
}

/** Adds `from` to `to`. */
export function fold(to: Tally, from: Tally): void {
  to.read += from.read;
  to.documents += from.documents;
  to.state_changes += from.state_changes;
  to.latest = Math.max(to.latest, from.latest);
  for (const [kind, counts] of from.kinds) {
    for (const fate of FATES) {
      if (counts[fate] > 0) addFate(to, kind, fate, counts[fate]);
    }
  }
  for (const name of ['filters', 'unknownKinds', 'unknownFields', 'warnings', 'redactions'] as const) {
    for (const [key, by] of from[name]) count(to[name], key, by);
  }
}

/** read = delivered + duplicate + dead_lettered + filtered, always. */
export function balances(tally: Pick<Tally, 'read' | Fate>): boolean {
  return tally.read === tally.delivered + tally.duplicate + tally.dead_lettered + tally.filtered;
}
