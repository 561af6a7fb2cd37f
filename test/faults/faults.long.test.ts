import { expect, test } from '@jest/globals';
import { hold } from './hold.ts';
import { REAL } from './names.ts';
import { canMount, SCRIPTED } from './scripted.ts';
import { ROWS } from './table.ts';

const NAMES = ROWS.map(({ broken }) => broken);

test('every row has a test, with a scripted server or a real one', () => {
  const played = [...Object.keys(SCRIPTED), ...REAL];
  expect(NAMES.filter((one) => !played.includes(one))).toEqual([]);
  expect(played.filter((one) => !NAMES.includes(one))).toEqual([]);
  expect(new Set(NAMES).size).toBe(NAMES.length);
});

const isAble = (broken: string): boolean => canMount || !broken.endsWith('disk full');

test.each(ROWS.filter(({ broken }) => broken in SCRIPTED && isAble(broken)))(
  '$broken',
  async (row) => {
    await hold(row, SCRIPTED[row.broken] ?? (async () => ({})));
  },
  60_000,
);
