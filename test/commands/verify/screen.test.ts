import { describe, expect, it } from '@jest/globals';
import { accountOf } from '../../../src/commands/verify/report.ts';
import { verificationScreen } from '../../../src/commands/verify/screen.ts';
import { createCensus, type Verdict } from '../../../src/commands/verify/verification.ts';
import { screenOf } from '../../../src/terminal/screen.ts';

const screen = screenOf({ columns: 80 }, {});
const again = (words: string): string => `stepsecurity-siem ${words} --config c.yaml`;

type Row = readonly [kind: string, day: string, verdict: Verdict, count: number];

function told(rows: readonly Row[], over: object = {}): string {
  const census = createCensus();
  for (const row of rows) census.add(...row);
  const account = accountOf({
    started: 0,
    exitCode: 0,
    source: 's3://bucket',
    sink: 'elasticsearch',
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-02-01T00:00:00.000Z',
    repair: false,
    census,
    counters: new Map(),
    ...over,
  });
  return verificationScreen(account, screen, again);
}

const STORED: Row = ['A', '2026-01-01', 'stored', 1_204];

describe('the first line of verify', () => {
  it.each<[string, Row[], object, RegExp]>([
    ['everything is stored', [STORED], {}, /^Everything exported is stored once: 1,204 of 1,204\.$/],
    [
      'the source repeats some',
      [STORED, ['A', '2026-01-02', 'duplicate', 3]],
      {},
      /stored once: 1,204 of 1,204\.$/,
    ],
    ['nothing is stored', [], {}, /^The source contains no detection in this range\.$/],
    ['one is missing', [STORED, ['B', '2026-01-02', 'missing', 1]], {}, /^1 of 1,205 is missing\.\n/],
    [
      'some differ',
      [STORED, ['B', '2026-01-02', 'differs', 2]],
      {},
      /^2 of 1,206 differ from what is stored\.\n/,
    ],
    [
      'some are letters',
      [STORED, ['B', '2026-01-02', 'dead_lettered', 2]],
      {},
      /^Nothing is missing: 1,206 exported, 1,204 stored,/,
    ],
    ['it was stopped', [STORED], { error: 'away' }, /^Stopped before the end: away/],
    [
      'some are stored twice',
      [STORED],
      { counters: new Map([['doubled', 1]]) },
      /^Nothing is missing, but 1 document found in two/,
    ],
    [
      'it cannot be asked',
      [['A', '2026-01-01', 'unknown', 2]],
      { search: 'index=x' },
      /^The destination cannot be asked about 2 of 2:[^]*index=x/,
    ],
  ])('%s', (_, rows, over, words) => {
    expect(told(rows, over)).toMatch(words);
  });

  it('shows only kinds and days with something to explain', () => {
    expect(told([STORED, ['B', '2026-01-02', 'missing', 3], ['B', '2026-01-03', 'stored', 1]])).toBe(
      [
        '3 of 1,208 are missing.',
        '',
        'kind   day         exported  stored  missing',
        '─────  ──────────  ────────  ──────  ───────',
        'B      2026-01-02         3       0        3',
        '─────  ──────────  ────────  ──────  ───────',
        'total                 1,208   1,205        3',
        'Everything is stored for 2 other kinds and days; --json lists them too.',
        '',
        'Next: send what is missing:',
        '  stepsecurity-siem verify --from 2026-01-01 --to 2026-02-01 --repair --config c.yaml',
      ].join('\n'),
    );
  });
});
