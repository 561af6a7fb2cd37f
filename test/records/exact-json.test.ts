import { describe, expect, it, test } from '@jest/globals';
import { assert, json, property, stringMatching } from 'fast-check';
import { parseExact } from '../../src/records/exact-json.ts';
import { isSteep } from '../cost.ts';
import { draws } from '../full.ts';

describe('a number that does not fit a double is the text it was written as', () => {
  test.each([
    '1e400',
    '1E400',
    '-1e400',
    '1e-400',
    '-1e+400',
    '9007199254740993',
    '-9007199254740993',
    '123456789012345678',
    '1152921504606846977',
    '0.1000000000000000055511151231257827',
    '12345678.1234567891',
    '1.00000000000000000001',
    '4.9e-324',
    `1${'0'.repeat(400)}`,
    `0.${'0'.repeat(400)}1`,
    '1e99999999999999999999',
  ])('%s', (token) => {
    expect(parseExact(token)).toBe(token);
    expect(parseExact(`{"a": [1, {"b" : ${token} , "c":2}]}`)).toEqual({ a: [1, { b: token, c: 2 }] });
  });
});

describe('a number that fits a double stays a number', () => {
  test.each(['0', '-0', '0e999', '1', '1.0', '1.10', '1e5', '1E+5', '9007199254740992', '0.1', '5e-324'])(
    '%s',
    (token) =>
      expect(parseExact(`[${token},"9007199254740993"]`)).toEqual([Number(token), '9007199254740993']),
  );
  test.each([
    '1000000000000000000000',
    '1.7976931348623157e308',
    '0.10000000000000000000',
    '2.5e-7',
    '123456789012345680000',
  ])('%s', (token) => expect(parseExact(token)).toBe(Number(token)));
});

describe('texts are never changed', () => {
  test.each([
    '1e400',
    '9007199254740993',
    ':9007199254740993,',
    '"9007199254740993"',
    '\\"9007199254740993',
    '\\\\',
    '\\":1e400',
    'e5b1e400c9e3d1',
    '{"a":1e400}',
    '9007199254740993é\u2028\ud800',
  ])('%j', (text) => {
    const value = { [text]: text, list: [text, 1], more: [[text]] };
    expect(parseExact(JSON.stringify(value))).toEqual(value);
    const written = JSON.stringify({ ...value, id: 0 }).replace('"id":0', '"id":1e400');
    expect(parseExact(written)).toEqual({ ...value, id: '1e400' });
  });
});

it('reports invalid JSON like JSON.parse', () => {
  const broken = [
    '{9007199254740993:1}',
    '[1e]',
    '[01e400]',
    '[1e400',
    '-',
    '[1.e400]',
    '',
    '[9007199254740993 1]',
  ];
  for (const text of broken) expect(() => parseExact(text)).toThrow(SyntaxError);
});

it('returns what JSON.parse returns whenever that loses nothing', () => {
  assert(
    property(json({ maxDepth: 6 }), (text) => {
      expect(parseExact(text)).toEqual(JSON.parse(text));
    }),
  );
});

it('keeps the digits of any decimal', () => {
  const decimal = stringMatching(/^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][-+]?[0-9]{1,3})?$/);
  assert(
    property(decimal, (token) => {
      const value = parseExact(`{"n":${token}}`) as { n: unknown };
      if (typeof value.n === 'string') expect(value.n).toBe(token);
      else expect(value.n).toBe(Number(token));
    }),
    { numRuns: draws(1_000) },
  );
});

it('handles any depth, and takes time proportional to length', async () => {
  const deep = `${'[1e400,'.repeat(100_000)}1${']'.repeat(100_000)}`;
  expect(() => parseExact(deep)).not.toThrow();
  const inputs = (n: number): string[] => [
    `[1e5,"${'\\\\'.repeat(n)}"]`,
    `[1e5,"${'\\"'.repeat(n)}"]`,
    `[1e5,"${'0123456789abcdef1e5'.repeat(n / 8)}"]`,
    `[${'9007199254740993,'.repeat(n / 16)}0]`,
    `[${'0'.repeat(0)}1${'0'.repeat(n)}]`,
    `[0.${'0'.repeat(n)}1]`,
    `[${'1e5,'.repeat(n / 4)}0]`,
  ];
  const steep: number[] = [];
  for (const at of inputs(16).keys()) {
    const prepare = (size: number) => {
      const text = inputs(size)[at] ?? '';
      return () => parseExact(text);
    };
    if (await isSteep(prepare, 2 ** 17)) steep.push(at);
  }
  expect(steep).toEqual([]);
});
