import { describe, expect, it } from '@jest/globals';
import stringWidth from 'string-width';
import { screenOf } from '../../src/terminal/screen.ts';
import { paragraph, tableOf } from '../../src/terminal/table.ts';

const plain = screenOf({ columns: 80 }, {});
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)));

describe('a table', () => {
  it('is as narrow as its text, with numbers aligned', () => {
    const table = tableOf(
      plain,
      [{ head: 'kind' }, { head: 'detections', right: true }],
      [
        ['Reverse-Shell', 1_204],
        ['Secret-In-Log', 3],
        ['total', 1_207],
      ],
      { total: true },
    );
    expect(table).toBe(
      [
        'kind           detections',
        '─────────────  ──────────',
        'Reverse-Shell       1,204',
        'Secret-In-Log           3',
        '─────────────  ──────────',
        'total               1,207',
      ].join('\n'),
    );
  });

  it.each([
    ['words', 'the cluster says that it cannot do this now '.repeat(5)],
    ['one long word', 's3://bucket/'.padEnd(300, 'x')],
    ['wide characters', '検出'.repeat(80)],
    ['emoji', '🔥'.repeat(70)],
  ])('never exceeds the width of the screen: %s', (_, text) => {
    const cell = text.trim();
    const table = tableOf(plain, [{ head: 'id' }, { head: 'reason' }], [['3fa91c02', cell]]);
    expect(widest(table)).toBeLessThanOrEqual(80);
    // No text is lost.
    const said = table.split('\n').slice(2).join(' ').replace('3fa91c02', '');
    expect(said.replaceAll(' ', '')).toBe(cell.replaceAll(' ', ''));
  });

  it('narrows several wide columns', () => {
    const wide = 'x'.repeat(100);
    expect(widest(tableOf(plain, [{ head: 'a' }, { head: 'b' }, { head: 'c' }], [[wide, wide, 'c']]))).toBe(
      80,
    );
  });

  it('cuts a cell that is too long, and marks it', () => {
    const table = tableOf(plain, [{ head: 'reason' }], [['word '.repeat(100).trim()]], { lines: 2 });
    const lines = table.split('\n').slice(2);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/word…$/);
    expect(widest(table)).toBeLessThanOrEqual(80);
  });

  it('keeps its columns aligned when a cell is painted', () => {
    const coloured = screenOf({ columns: 80 }, { FORCE_COLOR: '1' });
    const rows = (text: string) => [[text, 7]];
    const columns = [{ head: 'status' }, { head: 'n', right: true as const }];
    const painted = tableOf(coloured, columns, rows(coloured.paint('bad', 'failed')));
    // eslint-disable-next-line no-control-regex
    expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(tableOf(plain, columns, rows('failed')));
  });
});

it('a paragraph keeps within the screen and its indent', () => {
  const text = `→ ${paragraph(plain, 'allow s3:ListBucket '.repeat(10).trim(), 2)}`;
  expect(widest(text)).toBeLessThanOrEqual(80);
  expect(
    text
      .split('\n')
      .slice(1)
      .every((line) => /^ {2}\S/.test(line)),
  ).toBe(true);
});
