import { expect, it } from '@jest/globals';
import { lettersScreen } from '../../../src/commands/dead-letters/screen.ts';
import type { DeadLetter } from '../../../src/letters/letter.ts';
import { screenOf } from '../../../src/terminal/screen.ts';

const screen = screenOf({ columns: 80 }, {});
const again = (words: string): string => `stepsecurity-siem ${words}`;

const letter = (over: Partial<DeadLetter> = {}): DeadLetter => ({
  id: '0123456789abcdef',
  at: '2026-01-02T03:04:05.000Z',
  stage: 'write',
  kind: 'Reverse-Shell',
  code: 'rejected',
  reason: 'no',
  origin: { source: 's3', uri: 's3://bucket/a.json', offset: 7, index: 2 },
  text: '',
  ...over,
});

it('shows how many there are and why, then which ones, in time order', () => {
  const latest = [
    letter(),
    letter({ id: 'fedcba98', at: '2026-01-01T00:00:00.000Z', stage: 'decode', code: 'bad' }),
  ];
  const reasons = new Map([
    ['bad (decode)', 1],
    ['rejected (write)', 1_204],
  ]);
  expect(lettersScreen(latest, reasons, screen, again)).toBe(
    [
      '1,205 dead letters: 1,204 rejected (write), 1 bad (decode).',
      '',
      'id        at (UTC)          what, why, and where from',
      '────────  ────────────────  ─────────────────────────────',
      'fedcba98  2026-01-01 00:00  decode: Reverse-Shell',
      '                            bad: no',
      '                            s3://bucket/a.json @7 data[2]',
      '01234567  2026-01-02 03:04  write: Reverse-Shell',
      '                            rejected: no',
      '                            s3://bucket/a.json @7 data[2]',
      '',
      'These are the latest; --json also lists the other 1,203.',
      '',
      'Next: look at one with its text, or send them again.',
      '  stepsecurity-siem dead-letters show fedcba98',
      '  stepsecurity-siem dead-letters replay',
    ].join('\n'),
  );
});

it('cuts a long reason: show has the whole text', () => {
  const table = lettersScreen([letter({ reason: 'word '.repeat(400) })], new Map([['x', 1]]), screen, again);
  expect(table.split('\n').length).toBeLessThan(15);
  expect(table).toContain('…');
});

it('says so when there are none', () => {
  expect(lettersScreen([], new Map(), screen, again)).toBe('No dead letters.');
});
