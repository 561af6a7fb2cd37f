import { LONGEST_ERROR } from '../../account/ledger.ts';
import type { Census, Counts, Verification } from './verification.ts';

export type VerificationInput = Pick<Verification, 'source' | 'sink' | 'from' | 'to' | 'repair'> & {
  readonly started: number;
  readonly exitCode: number;
  readonly error?: string;
  readonly search?: string | undefined;
  readonly census: Census;
  readonly counters: ReadonlyMap<string, number>;
};

export function accountOf(input: VerificationInput, now = Date.now()): Verification {
  const { census, started, exitCode, error, search, counters, ...rest } = input;
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
    ...(search === undefined ? {} : { search }),
    filters: Object.fromEntries(census.filters),
    counters: Object.fromEntries([...counters].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
