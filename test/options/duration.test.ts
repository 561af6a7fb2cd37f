import { expect, it } from '@jest/globals';
import { duration, parseDuration } from '../../src/options/duration.ts';

it.each([
  ['7d', 604_800_000],
  ['24h', 86_400_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1_500],
  [' 500ms ', 500],
  ['0s', 0],
])('%s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['', '7', '7 days', '-1d', 'd', '1e3s', '99999999d'])('refuses %j', (text) => {
  expect(parseDuration(text)).toBeUndefined();
  expect(duration('1d').safeParse(text).success).toBe(false);
});

it('falls back to its default', () => {
  expect(duration('2m').parse(undefined)).toBe(120_000);
});
