import type { Heartbeat } from '../../../src/contracts/heartbeat.ts';

/**
 * What the passes of the last day reported about themselves, hour by hour, until the feed stopped at six in the
 * morning.
 */
export function heartbeats(): Heartbeat[] {
  const hours = Array.from({ length: 19 }, (_, hour) => Date.parse('2026-03-15T12:00Z') + hour * 3_600_000);
  return hours.map((finished, at) => ({
    ...beat('production', `production-${at}`, finished),
    ...SPECIAL[at],
  }));
}

/** Hours after noon. */
const SPECIAL: Readonly<Record<number, Partial<Heartbeat>>> = {
  3: {
    counts: counts({ read: 4, delivered: 3, duplicate: 1 }),
    lists: {
      unknown_kinds: [{ name: 'Clock-Turned-Back', count: 1 }],
      kinds: [
        { name: 'Domain-Blocked', count: 3 },
        { name: 'Clock-Turned-Back', count: 1 },
      ],
      warnings: [],
    },
  },
  6: {
    counts: counts({ read: 3, delivered: 2, dead_lettered: 1 }),
    exitCode: 3,
    lists: {
      unknown_kinds: [],
      kinds: [{ name: 'Domain-Blocked', count: 3 }],
      warnings: [{ name: 'bad_timestamp', count: 2 }],
    },
  },
  8: {
    counts: counts({}),
    exitCode: 4,
    complete: false,
    error: 'The bucket does not answer.',
    lists: { unknown_kinds: [], kinds: [], warnings: [] },
    lag: 28_800,
  },
  18: { lag: 900 },
};

function beat(configuration: string, id: string, finished: number): Heartbeat {
  return {
    id,
    configuration,
    version: '1.2.3',
    host: 'siem-1',
    command: 'run',
    source: 's3://acme-detections',
    sink: 'splunk',
    started: finished - 2_000,
    finished,
    passes: 1,
    exitCode: 0,
    complete: true,
    lag: 600,
    counts: counts({ read: 1, delivered: 1 }),
    lists: { unknown_kinds: [], kinds: [{ name: 'Domain-Blocked', count: 1 }], warnings: [] },
  };
}

function counts(some: Readonly<Record<string, number>>): Record<string, number> {
  return {
    read: 0,
    delivered: 0,
    duplicate: 0,
    dead_lettered: 0,
    filtered: 0,
    abandoned_batches: 0,
    ...some,
  };
}
