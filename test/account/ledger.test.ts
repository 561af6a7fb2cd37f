import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import { FATES } from '../../src/account/fates.ts';
import { closeLedger, type LedgerInput, ledgerSchema } from '../../src/account/ledger.ts';
import { createMeter } from '../../src/account/meter.ts';
import { addFate, balances, count, createTally, fold, type Tally } from '../../src/account/tally.ts';
import { addTo } from '../../src/account/totals.ts';
import { VERSION } from '../../src/contracts/version.ts';

const input = (tally: Tally, over: Partial<LedgerInput> = {}): LedgerInput => ({
  command: 'run',
  started: 1_000,
  exitCode: 0,
  complete: true,
  source: 's3://bucket',
  sink: 'elasticsearch',
  tally,
  abandoned: 0,
  counters: new Map(),
  ...over,
});

function tallyOf(fates: readonly (readonly [string, (typeof FATES)[number]])[]): Tally {
  const tally = createTally();
  for (const [kind, fate] of fates) {
    tally.read += 1;
    addFate(tally, kind, fate);
  }
  return tally;
}

it('refuses to close when the numbers do not add up', () => {
  const tally = tallyOf([['a', 'delivered']]);
  tally.read += 1;
  expect(() => closeLedger(input(tally))).toThrow(
    'the ledger does not balance: read 2 ≠ duplicate 0 + delivered 1',
  );
});

it('matches its schema, with every field filled in', () => {
  const tally = tallyOf([
    ['b', 'delivered'],
    ['a', 'duplicate'],
    ['a', 'delivered'],
    ['(undecodable)', 'dead_lettered'],
  ]);
  tally.state_changes = 1;
  tally.latest = 4_000;
  count(tally.warnings, 'bad_pid');
  const meter = createMeter();
  meter.add('doubled');
  meter.add('retries', 3);
  meter.add('possibly_duplicated', 2);
  const ledger = closeLedger(
    input(tally, {
      exitCode: 3,
      error: 'x',
      abandoned: 2,
      counters: meter.counts,
      checkpoint: { store: 'file:/x', name: 'run', clean: false, totals: { read: 9 } },
      dryRun: true,
    }),
    10_000,
  );
  expect(ledgerSchema.parse(JSON.parse(JSON.stringify(ledger)))).toEqual(ledger);
  expect(ledger).toMatchObject({
    ledger: 1,
    version: VERSION,
    duration_seconds: 9,
    read: 4,
    doubled: 1,
    possibly_duplicated: 2,
    counters: { retries: 3 },
    lag_seconds: 6,
    abandoned_batches: 2,
    state_changes: 1,
    kinds: { a: { duplicate: 1, delivered: 1 }, b: { delivered: 1 }, '(undecodable)': { dead_lettered: 1 } },
    dry_run: true,
  });
  expect(Object.keys(ledger.kinds)).toEqual(['(undecodable)', 'a', 'b']);
  expect(ledger.counters).not.toHaveProperty('doubled');
});

it('has no lag without a time, and never a negative lag', () => {
  expect(closeLedger(input(createTally()))).not.toHaveProperty('lag_seconds');
  const tally = createTally();
  tally.latest = 99_000;
  expect(closeLedger(input(tally), 10_000).lag_seconds).toBe(0);
});

describe('tallies', () => {
  const outcomes = fc.array(
    fc.tuple(
      fc.oneof(fc.constantFrom('a', 'b', 'constructor', '__proto__'), fc.string()),
      fc.constantFrom(...FATES),
    ),
    { maxLength: 50 },
  );

  it('add up however they are split into batches, and balance', () => {
    fc.assert(
      fc.property(fc.array(outcomes, { maxLength: 5 }), (batches) => {
        const folded = createTally();
        let totals = {};
        for (const batch of batches) {
          fold(folded, tallyOf(batch));
          totals = addTo(totals, tallyOf(batch));
        }
        const whole = tallyOf(batches.flat());
        expect(folded).toEqual(whole);
        expect(balances(folded)).toBe(true);
        if (batches.length > 0)
          expect(totals).toMatchObject({ read: whole.read, delivered: whole.delivered });
        const ledger = closeLedger(input(folded));
        expect(ledgerSchema.safeParse(JSON.parse(JSON.stringify(ledger))).success).toBe(true);
      }),
    );
  });

  test('the number of names is bounded, and no count is lost', () => {
    const tally = createTally();
    for (let at = 0; at < 2_000; at += 1) {
      tally.read += 1;
      addFate(tally, `kind ${at}`, 'delivered');
      count(tally.unknownKinds, `kind ${at}`);
    }
    expect(tally.kinds.size).toBe(501);
    expect(tally.kinds.get('(other)')?.delivered).toBe(1_500);
    expect(tally.unknownKinds.get('(other)')).toBe(1_500);
    const again = createTally();
    fold(again, tally);
    fold(again, tally);
    expect([again.read, again.delivered]).toEqual([4_000, 4_000]);
  });
});

test('a meter starts from zero for each pass', () => {
  const meter = createMeter();
  meter.add('a');
  meter.add('a', 2);
  expect(Object.fromEntries(meter.counts)).toEqual({ a: 3 });
  meter.reset();
  expect(meter.counts.size).toBe(0);
});
