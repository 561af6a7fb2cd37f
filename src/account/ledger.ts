import * as z from 'zod';
import { VERSION } from '../contracts/version.ts';
import { FATES } from './fates.ts';
import { balances, type Tally } from './tally.ts';

const integer = z.number().int().min(0);
const counts = z.record(z.string(), integer);

/** The closing account of a run (with `--follow`, of a pass): the last line on stdout. */
export const ledgerSchema = z
  .strictObject({
    ledger: z.literal(1).describe('Version of this schema.'),
    version: z.string().describe('Version of stepsecurity-siem.'),
    command: z.enum(['run', 'backfill', 'replay', 'discard', 'demo']),
    started: z.iso.datetime(),
    finished: z.iso.datetime(),
    duration_seconds: z.number().min(0),
    exit_code: integer,
    error: z.string().optional().describe('What stopped the run.'),
    complete: z
      .boolean()
      .describe('Everything the source had was read and settled, before any error or signal.'),
    source: z.string(),
    sink: z.string(),
    read: integer.describe('Detections settled: delivered + duplicate + dead_lettered + filtered, always.'),
    delivered: integer,
    duplicate: integer.describe('Already in the destination.'),
    dead_lettered: integer,
    filtered: integer.describe(
      'Left out on purpose: filters, Insights documents, an ingest pipeline that drops documents, discarded dead letters.',
    ),
    doubled: integer.describe('Documents found in two backing indices (Elasticsearch).'),
    possibly_duplicated: integer.describe(
      'Upper bound of documents that may have been stored twice (Splunk).',
    ),
    state_changes: integer.describe('How many of read are state changes of earlier detections.'),
    abandoned_batches: integer.describe('Batches read but not settled; they will be read again.'),
    kinds: z.record(z.string(), z.partialRecord(z.enum(FATES), integer)),
    unknown_kinds: counts.describe(
      'Kinds without a mapping of their own, delivered through the generic one.',
    ),
    unknown_fields: counts.describe('Fields that no mapping reads, kept under stepsecurity.unmapped.'),
    filters: counts.describe('Detections left out, by filter.'),
    warnings: counts.describe('Doubts about what was read, by code.'),
    redactions: counts.describe('Values masked in detections, by redaction rule.'),
    counters: counts.describe('Requests, retries, bytes, objects.'),
    lag_seconds: z
      .number()
      .optional()
      .describe('Time between the latest event seen in this run and its end.'),
    checkpoint: z
      .strictObject({
        store: z.string(),
        name: z.string(),
        clean: z.boolean(),
        totals: counts,
      })
      .optional()
      .describe('Where progress is kept, and the running totals over all runs.'),
    dry_run: z.literal(true).optional(),
  })
  .describe('The ledger of stepsecurity-siem.');

export type Ledger = z.output<typeof ledgerSchema>;

export interface LedgerInput {
  readonly command: Ledger['command'];
  readonly started: number;
  readonly exitCode: number;
  readonly error?: string;
  readonly complete: boolean;
  readonly source: string;
  readonly sink: string;
  readonly tally: Tally;
  readonly abandoned: number;
  readonly counters: ReadonlyMap<string, number>;
  readonly checkpoint?: Ledger['checkpoint'];
  readonly dryRun?: boolean;
}

/** Error texts come from servers and may be a whole page. */
export const LONGEST_ERROR = 2_000;

/** Counters shown at the top of the ledger rather than among the others. */
const TOP = new Set(['doubled', 'possibly_duplicated']);

/** Throws when the numbers do not add up: that is a bug of ours, exit 1. */
export function closeLedger(input: LedgerInput, now = Date.now()): Ledger {
  const { tally, counters } = input;
  if (!balances(tally)) {
    const parts = FATES.map((fate) => `${fate} ${tally[fate]}`).join(' + ');
    throw new Error(`the ledger does not balance: read ${tally.read} ≠ ${parts}`);
  }
  return {
    ledger: 1,
    version: VERSION,
    command: input.command,
    started: new Date(input.started).toISOString(),
    finished: new Date(now).toISOString(),
    duration_seconds: Math.round(now - input.started) / 1_000,
    exit_code: input.exitCode,
    ...(input.error === undefined ? {} : { error: input.error.slice(0, LONGEST_ERROR) }),
    complete: input.complete,
    source: input.source,
    sink: input.sink,
    read: tally.read,
    delivered: tally.delivered,
    duplicate: tally.duplicate,
    dead_lettered: tally.dead_lettered,
    filtered: tally.filtered,
    doubled: counters.get('doubled') ?? 0,
    possibly_duplicated: counters.get('possibly_duplicated') ?? 0,
    state_changes: tally.state_changes,
    abandoned_batches: input.abandoned,
    kinds: Object.fromEntries([...tally.kinds].sort(byName).map(([kind, by]) => [kind, nonZero(by)])),
    unknown_kinds: object(tally.unknownKinds),
    unknown_fields: object(tally.unknownFields),
    filters: object(tally.filters),
    warnings: object(tally.warnings),
    redactions: object(tally.redactions),
    counters: object(new Map([...counters].filter(([name]) => !TOP.has(name)))),
    ...(tally.latest === 0 ? {} : { lag_seconds: Math.max(0, Math.round((now - tally.latest) / 1_000)) }),
    ...(input.checkpoint === undefined ? {} : { checkpoint: input.checkpoint }),
    ...(input.dryRun === true ? { dry_run: true as const } : {}),
  };
}

function object(map: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...map].sort(byName));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function nonZero(by: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(by).filter(([, value]) => value > 0));
}
