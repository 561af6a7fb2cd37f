import { EXIT } from '../account/exit.ts';
import { FATES } from '../account/fates.ts';
import type { Ledger } from '../account/ledger.ts';
import { createTally, fold, type Tally } from '../account/tally.ts';
import { boundedNames } from './bounded-names.ts';
import type { MetricKey } from './table.ts';

/** One value of a metric. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type Samples = Readonly<Partial<Record<MetricKey, readonly Sample[]>>>;

/** What earlier processes left. */
export interface Seed {
  /** Unix time in seconds. */
  readonly lastSuccess?: number | undefined;
  readonly latestEvent?: number | undefined;
  readonly kinds: readonly string[];
}

/** The metrics as views of what the run counts anyway: tally, meter and ledger. Nothing is counted here. */
export interface Readings {
  /** A pass begins with this tally. The meter's counts were reset. */
  readonly begins: (tally: Tally) => void;
  /** The pass ended with this ledger. */
  ended(ledger: Ledger): void;
  /** The current values, including the pass in progress, without histograms. */
  samples(now?: number): Samples;
}

/** Counters of the ledger that have a metric of their own. */
const OWN: Readonly<Record<string, MetricKey>> = {
  bytes_read: 'bytesRead',
  bytes_sent: 'bytesSent',
  bytes_sent_raw: 'bytesSentRaw',
  retries: 'retries',
  doubled: 'doubled',
  possibly_duplicated: 'possiblyDuplicated',
};

const OBJECTS = 'objects_';

/*
 * Series that alerts depend on exist from the start, as 0: Prometheus sees no increase in a series that begins at 1.
 */
const OBJECT_STATES = ['listed', 'read', 'known', 'failed'];

export function createReadings(
  counts: ReadonlyMap<string, number>,
  version: string,
  seed: Seed = { kinds: [] },
): Readings {
  const kindOf = boundedNames(seed.kinds);
  const codeOf = boundedNames();
  const past = createTally();
  const pastCounts = new Map<string, number>();
  const runs = new Map(Object.values(EXIT).map((code) => [String(code), 0]));
  let abandoned = 0;
  let current: Tally | undefined;
  /** The meter holds counts that are not in `pastCounts` yet. */
  let running = true;
  let last: Ledger | undefined;
  let { lastSuccess } = seed;

  const tallyNow = (): Tally => {
    const sum = createTally();
    fold(sum, past);
    if (current !== undefined) fold(sum, current);
    return sum;
  };

  return {
    begins(tally) {
      current = tally;
      running = true;
    },
    ended(ledger) {
      if (current !== undefined) fold(past, current);
      if (running) addAll(pastCounts, counts);
      current = undefined;
      running = false;
      last = ledger;
      const code = ledger.exit_code;
      runs.set(String(code), (runs.get(String(code)) ?? 0) + 1);
      abandoned += ledger.abandoned_batches;
      if (ledger.complete && (code === EXIT.ok || code === EXIT.deadLettered))
        lastSuccess = seconds(ledger.finished);
    },
    samples(now = Date.now()) {
      const tally = tallyNow();
      const counters = new Map(pastCounts);
      if (running) addAll(counters, counts);
      const latest = Math.max(tally.latest / 1_000, seed.latestEvent ?? 0);
      return {
        detections: detectionsOf(tally, kindOf),
        deadLetters: one(tally.dead_lettered),
        stateChanges: one(tally.state_changes),
        unknownKinds: one(sum(tally.unknownKinds)),
        unknownFields: one(sum(tally.unknownFields)),
        warnings: labeled('code', tally.warnings, codeOf),
        redactions: one(sum(tally.redactions)),
        abandoned: one(abandoned),
        ...countersOf(counters),
        runs: labeled('exit_code', runs),
        ...(last === undefined ? {} : lastOf(last)),
        ...(lastSuccess === undefined ? {} : { lastSuccess: one(lastSuccess) }),
        ...(latest > 0 && { latestEvent: one(latest), lag: one(Math.max(0, now / 1_000 - latest)) }),
        buildInfo: [{ labels: { version, node_version: process.versions.node }, value: 1 }],
      };
    },
  };
}

function one(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

function seconds(moment: string): number {
  return Date.parse(moment) / 1_000;
}

function sum(map: ReadonlyMap<string, number>): number {
  return [...map.values()].reduce((total, value) => total + value, 0);
}

function addAll(to: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [name, by] of from) to.set(name, (to.get(name) ?? 0) + by);
}

/** One sample per name; values with the same label are added up. */
function labeled(
  label: string,
  map: ReadonlyMap<string, number>,
  nameOf: (name: string) => string = (name) => name,
): readonly Sample[] {
  const sums = new Map<string, number>();
  for (const [name, value] of map) addAll(sums, new Map([[nameOf(name), value]]));
  return [...sums].map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function detectionsOf(tally: Tally, kindOf: (kind: string) => string): readonly Sample[] {
  return FATES.flatMap((fate) => {
    const kinds = new Map([...tally.kinds].map(([kind, by]) => [kind, by[fate]]));
    return labeled('kind', kinds, kindOf)
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) => ({ labels: { fate, ...labels }, value }));
  });
}

function countersOf(counters: ReadonlyMap<string, number>): Samples {
  const objects = new Map(OBJECT_STATES.map((state) => [state, 0]));
  const events = new Map<string, number>();
  for (const [name, value] of counters) {
    if (name.startsWith(OBJECTS)) objects.set(name.slice(OBJECTS.length), value);
    else if (!Object.hasOwn(OWN, name)) events.set(name, value);
  }
  const own = Object.entries(OWN).map(([name, key]) => [key, one(counters.get(name) ?? 0)] as const);
  return {
    ...Object.fromEntries(own),
    objects: labeled('state', objects),
    events: labeled('event', events),
  };
}

function lastOf(ledger: Ledger): Samples {
  return {
    lastRun: one(seconds(ledger.finished)),
    lastRunDuration: one(ledger.duration_seconds),
    lastRunExitCode: one(ledger.exit_code),
    lastRunComplete: one(ledger.complete ? 1 : 0),
  };
}
