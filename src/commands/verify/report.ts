import Table from 'cli-table3';
import { LONGEST_ERROR } from '../../account/ledger.ts';
import { printable } from '../../text/printable.ts';
import { type Census, type Counts, VERDICTS, type Verification } from './verification.ts';

/** Always shown; the other columns only where something is in them. */
const COLUMNS = new Set(['exported', 'stored', 'duplicate', 'failed', 'dead_lettered', 'missing']);

/** Per kind and day, and the totals. */
export function tableOf(census: Census): string {
  const { total } = census;
  const columns = (['exported', ...VERDICTS] as const).filter((name) => COLUMNS.has(name) || total[name] > 0);
  const table = new Table({
    head: ['kind', 'day', ...columns.map((name) => name.replace('_', '-'))],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', ...columns.map(() => 'right' as const)],
  });
  for (const [kind, day, counts] of census.rows()) {
    table.push([printable(kind), day, ...columns.map((name) => counts[name])]);
  }
  table.push(['total', '', ...columns.map((name) => total[name])]);
  return table.toString();
}

export type VerificationInput = Pick<Verification, 'source' | 'sink' | 'from' | 'to' | 'repair'> & {
  readonly started: number;
  readonly exitCode: number;
  readonly error?: string;
  readonly census: Census;
  readonly counters: ReadonlyMap<string, number>;
};

export function accountOf(input: VerificationInput, now = Date.now()): Verification {
  const { census, started, exitCode, error, counters, ...rest } = input;
  const kinds: Record<string, Record<string, Counts>> = {};
  for (const [kind, day, counts] of census.rows()) kinds[kind] = { ...kinds[kind], [day]: counts };
  return {
    verification: 1,
    command: 'verify',
    started: new Date(started).toISOString(),
    finished: new Date(now).toISOString(),
    duration_seconds: Math.round(now - started) / 1_000,
    exit_code: exitCode,
    ...(error === undefined ? {} : { error: error.slice(0, LONGEST_ERROR) }),
    complete: error === undefined,
    ...rest,
    ...census.total,
    filtered: census.filtered,
    kinds,
    filters: Object.fromEntries(census.filters),
    counters: Object.fromEntries([...counters].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
