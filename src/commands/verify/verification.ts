import * as z from 'zod';
import { count, keyIn } from '../../account/tally.ts';

/**
 * Every exported detection gets one. Only a repair gives `repaired`; `unknown`: the destination cannot be asked;
 * `differs`: what is stored under its uid is something else, or hides it.
 */
export const VERDICTS = [
  'stored',
  'duplicate',
  'failed',
  'dead_lettered',
  'discarded',
  'dropped',
  'repaired',
  'unknown',
  'differs',
  'missing',
] as const;
export type Verdict = (typeof VERDICTS)[number];

const integer = z.number().int().min(0);
const verdicts = {
  exported: integer.describe('Detections of the range in the source: always the sum of all below.'),
  stored: integer.describe('In the destination.'),
  duplicate: integer.describe('More than once in the source; counted above the first time.'),
  failed: integer.describe("Not stored, but in the destination's own failure store (Elasticsearch)."),
  dead_lettered: integer.describe('Not stored, but in the dead letters.'),
  discarded: integer.describe(
    'Not stored: it was in the dead letters, and `dead-letters discard` removed it.',
  ),
  dropped: integer.describe('Dropped on purpose when sent again (by an ingest pipeline).'),
  repaired: integer.describe('Was missing and has been delivered now.'),
  unknown: integer.describe('The destination cannot be asked (Splunk): compare using the search.'),
  differs: integer.describe(
    'Another detection is stored under its uid, or it is stored as suppressed or resolved but was exported as neither. Never repaired.',
  ),
  missing: integer.describe('Nowhere.'),
};

/** The closing account of `verify`, the last line on stdout. */
export const verificationSchema = z
  .strictObject({
    verification: z.literal(1).describe('Version of this schema.'),
    command: z.literal('verify'),
    started: z.iso.datetime(),
    finished: z.iso.datetime(),
    duration_seconds: z.number().min(0),
    exit_code: integer,
    error: z.string().optional().describe('What stopped it; the numbers then cover only a part.'),
    complete: z.boolean().describe('The whole range was read and compared.'),
    source: z.string(),
    sink: z.string(),
    from: z.iso.datetime().describe('Event time, inclusive.'),
    to: z.iso.datetime().describe('Event time, exclusive.'),
    repair: z.boolean(),
    ...verdicts,
    filtered: integer.describe('Read, but outside the range or excluded by a filter: not expected.'),
    search: z
      .string()
      .optional()
      .describe('If the destination cannot be asked: how a person can compare, in several lines.'),
    kinds: z
      .record(z.string(), z.record(z.string(), z.strictObject(verdicts)))
      .describe('By kind, then by UTC day of event time.'),
    filters: z.record(z.string(), integer).describe('Detections left out, by filter.'),
    counters: z.record(z.string(), integer).describe('Requests, retries, bytes, objects.'),
  })
  .describe('The account of stepsecurity-siem verify.');

export type Verification = z.output<typeof verificationSchema>;
export type Counts = Record<Verdict | 'exported', number>;

export interface Census {
  add(kind: string, day: string, verdict: Verdict, by?: number): void;
  hold(filter: string): void;
  readonly total: Counts;
  readonly filtered: number;
  readonly filters: ReadonlyMap<string, number>;
  /** Sorted by kind, then day. */
  rows(): readonly (readonly [kind: string, day: string, counts: Counts])[];
}

/** Counts by kind and day; kinds beyond 500 count as `(other)`, so that hostile input cannot inflate it. */
export function createCensus(): Census {
  const byKind = new Map<string, Map<string, Counts>>();
  const filters = new Map<string, number>();
  const total = none();
  let filtered = 0;
  const countsOf = (kind: string, day: string): Counts => {
    const key = keyIn(byKind, kind);
    const days = byKind.get(key) ?? new Map<string, Counts>();
    byKind.set(key, days);
    const counts = days.get(day) ?? none();
    days.set(day, counts);
    return counts;
  };
  return {
    add(kind, day, verdict, by = 1) {
      for (const counts of [total, countsOf(kind, day)]) {
        counts.exported += by;
        counts[verdict] += by;
      }
    },
    hold(filter) {
      filtered += 1;
      count(filters, filter);
    },
    total,
    filters,
    get filtered() {
      return filtered;
    },
    rows() {
      const rows: [string, string, Counts][] = [];
      for (const [kind, days] of [...byKind].sort(byName)) {
        for (const [day, counts] of [...days].sort(byName)) rows.push([kind, day, counts]);
      }
      return rows;
    },
  };
}

function none(): Counts {
  return Object.fromEntries(['exported', ...VERDICTS].map((name) => [name, 0])) as Counts;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
