import { describe, expect, it } from '@jest/globals';
import type { Ledger } from '../../src/account/ledger.ts';
import { summaryOf } from '../../src/commands/summary.ts';
import { screenOf } from '../../src/terminal/screen.ts';

const screen = screenOf({ columns: 80 }, {});
const again = (words: string): string => `stepsecurity-siem ${words} --config c.yaml`;

const NOTHING: Ledger = {
  ledger: 1,
  version: '1.0.0',
  command: 'run',
  started: '2026-01-01T00:00:00.000Z',
  finished: '2026-01-01T00:00:12.000Z',
  duration_seconds: 12,
  exit_code: 0,
  complete: true,
  source: 's3://bucket',
  sink: 'elasticsearch',
  read: 0,
  delivered: 0,
  duplicate: 0,
  dead_lettered: 0,
  filtered: 0,
  doubled: 0,
  possibly_duplicated: 0,
  state_changes: 0,
  abandoned_batches: 0,
  kinds: {},
  unknown_kinds: {},
  unknown_fields: {},
  filters: {},
  warnings: {},
  redactions: {},
  counters: { objects_listed: 3 },
};

const told = (ledger: Partial<Ledger>): string => summaryOf({ ...NOTHING, ...ledger }, screen, again);
const fates = (delivered: number) => ({ read: delivered, delivered });

describe('the summary of a run', () => {
  it('is one line when nothing is new', () => {
    expect(told({ counters: { objects_listed: 1_204, objects_known: 1_204 } })).toBe(
      'Nothing new. 1,204 objects known from before. Took 12 seconds.',
    );
  });

  it('says what was delivered, by kind, and suggests no next step when none is needed', () => {
    expect(
      told({ ...fates(1_205), kinds: { 'Reverse-Shell': { delivered: 1 }, Other: { delivered: 1_204 } } }),
    ).toBe(
      [
        '1,205 detections delivered to elasticsearch in 12 seconds.',
        '',
        'kind           delivered',
        '─────────────  ─────────',
        'Other              1,204',
        'Reverse-Shell          1',
      ].join('\n'),
    );
  });

  it('says what happened to the rest, what failed first, and what to do', () => {
    const mixed = told({
      exit_code: 3,
      read: 10,
      delivered: 4,
      duplicate: 3,
      filtered: 2,
      dead_lettered: 1,
      filters: { insights: 2 },
      kinds: { A: { delivered: 4, duplicate: 3 }, B: { filtered: 2, dead_lettered: 1 } },
    });
    expect(mixed).toBe(
      [
        '1 of 10 detections could not be delivered. Took 12 seconds.',
        '',
        '  4  delivered',
        '  3  already there',
        '  2  left out: insights (2)',
        '  1  in the dead letters',
        '',
        'kind  already there  delivered  left out  in the dead letters',
        '────  ─────────────  ─────────  ────────  ───────────────────',
        'B                 0          0         2                    1',
        'A                 3          4         0                    0',
        '',
        'Next: see why, fix the mapping or the destination, and send them again.',
        '  stepsecurity-siem dead-letters list --config c.yaml',
        '  stepsecurity-siem dead-letters replay --config c.yaml',
      ].join('\n'),
    );
  });

  it('fits a 24-line screen, however many kinds there are', () => {
    const names = Array.from({ length: 40 }, (_, nth) => [`Kind-${nth}`, { delivered: 1 }]);
    const lines = told({ ...fates(40), kinds: Object.fromEntries(names) }).split('\n');
    expect(lines.length).toBeLessThan(24);
    expect(lines.at(-1)).toMatch(/^32 other kinds +32$/);
  });

  it.each([
    [{ exit_code: 1, error: 'TypeError' }, /^Stopped: TypeError\nTook 12 seconds\.\n[^]*bug[^]*report it/],
    [{ exit_code: 2, error: 'sink.api_key: no' }, /fix that[^]*check --config c.yaml$/],
    [{ exit_code: 4, error: 'away' }, /start it again once the other side answers/],
    [{ exit_code: 5, error: 'held' }, /wait until the other run ends/],
    [{ complete: false }, /^Stopped as asked, after 0 detections and 12 seconds/],
    [
      { dry_run: true, exit_code: 3, read: 2, delivered: 1, dead_lettered: 1 },
      /^1 of 2 detections would not[^]*without --dry-run does it\.$/,
    ],
    [
      { command: 'discard', read: 1, filtered: 1, filters: { discarded: 1 } },
      /^1 detection discarded\. Took 12 seconds\.$/,
    ],
    [{ command: 'replay' }, /^Nothing to replay/],
    [{ ...fates(2), dry_run: true }, /^2 detections would be delivered[^]*without --dry-run does it\.$/],
    [{ ...fates(1), abandoned_batches: 1 }, /1 batch read but not settled: the next run reads it again\./],
    [{ ...fates(1), possibly_duplicated: 2 }, /Up to 2 documents may be stored twice/],
    [{ ...fates(1), doubled: 1 }, /1 document found in two backing indices/],
    [{ ...fates(9), unknown_kinds: { New: 9 } }, /generic one: New \(9\)\./],
    [
      { ...fates(9), warnings: { a: 1, b: 2, c: 3, d: 4 } },
      /Warnings: d \(4\), c \(3\), b \(2\) and 1 more\./,
    ],
  ] as const)('of %j', (ledger, words) => {
    expect(told(ledger as Partial<Ledger>)).toMatch(words);
  });
});
