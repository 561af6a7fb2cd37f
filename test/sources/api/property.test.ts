import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { JsonObject } from '../../../src/contracts/types.ts';
import { sized } from '../../full.ts';
import type { ApiFault } from '../../scripted/stepsecurity-api.ts';
import { type Bench, bodies, ours, pass, row, startBench } from './harness.ts';

const STATUSES = ['new', 'suppressed', 'resolved'];
const FAULTS: readonly ApiFault[] = [
  { status: 503 },
  { status: 400 },
  'truncated',
  'truncated_chunked',
  'reset',
  { status: 200, body: '<html>' },
  'stuck_token',
  'first_page',
];

/** A change to the table. */
const edit = fc.record({
  n: fc.nat(5),
  what: fc.constantFrom('run', 'status', 'remove'),
  run: fc.nat(2),
  status: fc.constantFrom(...STATUSES),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

/** A run: the changes before it and during it (by number of the request), its faults, and where it is killed. */
const run = fc.record({
  before: fc.array(edit, { maxLength: 6 }),
  during: fc.array(fc.tuple(fc.nat(12), edit), { maxLength: 4 }),
  faults: fc.array(fc.tuple(fc.nat(12), fc.nat(FAULTS.length - 1), fc.integer({ min: 1, max: 40 })), {
    maxLength: 2,
  }),
  acked: fc.option(fc.nat(3), { nil: undefined }),
});
type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

/** The table as the test knows it. */
function createTable(bench: Bench) {
  const rows = new Map<number, { run: number; status: string }>();
  return {
    rows,
    apply: ({ n, what, run, status }: Edit): void => {
      const known = rows.get(n);
      if (what === 'remove') {
        rows.delete(n);
        bench.api.remove(rowOf(n, 0));
        return;
      }
      const next = what === 'run' ? { run, status } : { run: known?.run ?? run, status };
      rows.set(n, next);
      bench.api.put(rowOf(n, next.run), next.status);
    },
  };
}

function rowOf(n: number, run: number): JsonObject {
  const kind = n % 2 === 0 ? 'Domain-Blocked' : 'Reverse-Shell';
  return row(n, { id: kind, detection: `${kind}-${n}`, run_id: String(run), n });
}

interface Told {
  readonly n: number;
  readonly run: string;
  readonly change?: { from: string; to: string; counter: number };
}

interface PassLog {
  readonly acked: readonly Told[];
  /** Rows that were served to the source in this pass, in order. */
  readonly served: readonly { readonly n: number; readonly run: string; readonly status: string }[];
  readonly clean: boolean;
}

const runOf = (body: JsonObject): string => (typeof body.run_id === 'string' ? body.run_id : '');

function toldOf(records: Parameters<typeof bodies>[0]): Told[] {
  return bodies(records).map((body, index) => {
    const extra = ours(records[index]) as { change: NonNullable<Told['change']> } | undefined;
    return { n: Number(body.n), run: runOf(body), ...extra };
  });
}

/** Scripts what happens while a run reads its lists. */
function script(bench: Bench, { during, faults }: Run, apply: (edit: Edit) => void): void {
  let request = -1;
  const left = faults.map(([at, which, times]) => ({ at, fault: FAULTS[which], times }));
  bench.api.onRequest = () => {
    request += 1;
    for (const [at, each] of during) if (at === request) apply(each);
    for (const each of left) {
      if (request < each.at || each.times === 0) continue;
      each.times -= 1;
      return each.fault;
    }
    return undefined;
  };
}

const OPTIONS = { kinds: ['Domain-Blocked', 'Reverse-Shell'], page_rows: 2, concurrency: 2 };
const BOUNDS = { batch: { maxBytes: 9_999_999, maxRecords: 2 } };
const QUIET: Run = { before: [], during: [], faults: [], acked: undefined };
/** Set `FC_RUNS=1000` for more of them. */
const numRuns = Number(process.env.FC_RUNS ?? sized(40, 4));

/** Runs the generated runs, then two undisturbed ones; each run is a new process with the last checkpoint. */
async function drive(runs: readonly Run[]): Promise<PassLog[]> {
  const bench = await startBench();
  try {
    const table = createTable(bench);
    const log: PassLog[] = [];
    for (const each of [...runs, QUIET, QUIET]) {
      for (const before of each.before) table.apply(before);
      script(bench, each, table.apply);
      bench.api.served.length = 0;
      const settled = each.acked ?? Number.POSITIVE_INFINITY;
      const source = await bench.source(OPTIONS, BOUNDS);
      const { records, error } = await pass(bench, source, (batch) => batch < settled);
      const acked = toldOf(records).slice(0, settled * 2);
      const served = bench.api.served.map(({ row, status }) => ({
        n: Number(row.n),
        run: runOf(row),
        status,
      }));
      const clean = error === undefined;
      log.push({ acked, served, clean });
      // After a completed and acked sweep of a table at rest, every row was reported in its current state.
      if (!clean || each.acked !== undefined || each.during.length > 0) continue;
      const told = log.flatMap((one) => one.acked);
      for (const [n, { run, status }] of table.rows) {
        const last = told.findLast((one) => one.n === n);
        expect(last?.run).toBe(String(run));
        if (last?.change) expect(last.change.to).toBe(status);
      }
    }
    expect(log.at(-1)?.acked).toEqual([]);
    expect(bench.api.violations).toEqual([]);
    return log;
  } finally {
    await bench.close();
  }
}

/** The passes of one row, split where three complete sweeps in a row missed it: there it is forgotten. */
function livesOf(log: readonly PassLog[], n: number): PassLog[][] {
  let life: PassLog[] = [];
  const lives = [life];
  let missed = 0;
  for (const each of log) {
    const mine = {
      ...each,
      acked: each.acked.filter((one) => one.n === n),
      served: each.served.filter((one) => one.n === n),
    };
    if (mine.served.length > 0) missed = 0;
    // A sweep that lists nothing at all does not count.
    else if (each.clean && each.served.length > 0) missed += 1;
    if (missed === 3) lives.push((life = []));
    life.push(mine);
  }
  return lives;
}

describe('whatever happens, after the last clean run', () => {
  it('every version seen in a completed sweep was reported, in spite of kills', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(run, { minLength: 1, maxLength: 8 }),
        async (runs) => void (await drive(runs)),
      ),
      { numRuns },
    );
  }, 300_000);

  it('without kills, every version was reported exactly once', async () => {
    const unkilled = run.map((each) => ({ ...each, acked: undefined }));
    await fc.assert(
      fc.asyncProperty(fc.array(unkilled, { minLength: 1, maxLength: 8 }), async (runs) => {
        const log = await drive(runs);
        for (const life of [0, 1, 2, 3, 4, 5].flatMap((n) => livesOf(log, n))) {
          const served = life.flatMap((each) => each.served);
          const told = life.flatMap((each) => each.acked);
          // Every change of run is an occurrence to report: A, A, B, A are three.
          const turns = served.map((each) => each.run).filter((id, i, ids) => id !== ids[i - 1]);
          expect(told.filter(({ change }) => !change).map((each) => each.run)).toEqual(turns);
          // Changes are numbered without gaps, and there are no more of them than visible moves.
          const changes = told.flatMap(({ change }) => change ?? []);
          expect(changes.map(({ counter }) => counter)).toEqual(changes.map((_, i) => i + 1));
          for (const { from, to } of changes) expect(from).not.toBe(to);
          const moves = served.filter(({ status }, i) => i > 0 && status !== served[i - 1]?.status).length;
          expect(changes.length).toBeLessThanOrEqual(moves);
        }
      }),
      { numRuns },
    );
  }, 300_000);

  it('A, B, A, B are four, with each state change as a separate record', async () => {
    const turn = (run: number, status: string): Run => ({
      ...QUIET,
      before: [{ n: 0, what: 'run', run, status }],
    });
    const log = await drive([
      turn(0, 'new'),
      turn(0, 'suppressed'),
      turn(1, 'new'),
      turn(0, 'new'),
      turn(0, 'suppressed'),
      turn(1, 'new'),
    ]);
    expect(log.flatMap(({ acked }) => acked)).toEqual([
      { n: 0, run: '0' },
      { n: 0, run: '0', change: { from: 'new', to: 'suppressed', counter: 1 } },
      { n: 0, run: '1' },
      { n: 0, run: '0' },
      { n: 0, run: '0', change: { from: 'new', to: 'suppressed', counter: 2 } },
      { n: 0, run: '1' },
    ]);
  });
});
