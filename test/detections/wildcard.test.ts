import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import { assert, constantFrom, array as listOf, property } from 'fast-check';
import { compileWildcard } from '../../src/detections/wildcard.ts';
import { isSteep } from '../cost.ts';
import { draws } from '../full.ts';

test.each<[string, readonly string[], readonly string[]]>([
  ['acme/web', ['acme/web', 'ACME/Web'], ['acme/web2', 'acme', 'the-acme/web', '']],
  ['acme/*', ['acme/web', 'acme/.github', 'acme/'], ['acme/web/x', 'acme', 'acmé/web']],
  ['*/web-*', ['a/web-', 'A/WEB-1'], ['web-1', 'a/b/web-1']],
  ['acme/**', ['acme/web', 'acme/web/x'], ['acm/web']],
  ['**', ['', 'a/b'], []],
  ['**b*c', ['a/bxbc', 'bc', 'b/bc'], ['b/c', 'bcd']],
  ['a?c', ['abc', 'a😀c'], ['a/c', 'ac', 'abbc']],
  ['{acme,else}/{web,api}*', ['acme/web1', 'else/api'], ['acme/', 'third/web']],
  ['{a,}b', ['ab', 'b'], ['aab']],
  ['org::*', ['org::broker::org'], ['org:x']],
  ['a\\*b\\{c\\}', ['a*b{c}'], ['axb{c}']],
  ['a,b', ['a,b'], ['a']],
  ['a.b+c$^', ['a.b+c$^'], ['axb+c$^']],
])('%s', (pattern, yes, no) => {
  const matches = compileWildcard(pattern);
  expect([yes.map(matches), no.map(matches)]).toEqual([yes.map(() => true), no.map(() => false)]);
});

describe('refuses', () => {
  test.each([
    ['!acme/*', /! has no meaning/],
    ['[ab]c', /\[ has no meaning/],
    ['@(a|b)', /\( has no meaning/],
    ['a}', /} has no meaning/],
    ['{a,{b,c}}', /braces in braces/],
    ['{a', /not closed/],
    ['a\\', /backslash/],
    ['{a,b,c,d,e}{a,b,c,d,e}{a,b,c,d,e}', /over 100 patterns/],
    ['x'.repeat(1_001), /longer than/],
  ])('%s', (pattern, message) => expect(() => compileWildcard(pattern)).toThrow(message));
});

it('matches what the equivalent backtracking expression matches', () => {
  const piece = constantFrom('*', '**', '?', 'a', 'b', '/');
  const letter = constantFrom('a', 'b', '/', 'c');
  assert(
    property(listOf(piece, { maxLength: 8 }), listOf(letter, { maxLength: 10 }), (pieces, letters) => {
      const pattern = pieces.join('');
      const source = pattern.replaceAll('**', '(?:.*)').replace(/(?<![.)])\*(?!\))/g, '[^/]*');
      const expected = new RegExp(
        `^${source.replaceAll('?', (_, at: number) => (source[at - 1] === '(' ? '?' : '[^/]'))}$`,
      );
      expect(compileWildcard(pattern)(letters.join(''))).toBe(expected.test(letters.join('')));
    }),
    { numRuns: draws(2_000) },
  );
});

it('takes time proportional to the length of the name', async () => {
  const line = readFileSync(new URL('../hostile/inputs/redos-filter.json', import.meta.url), 'utf8');
  const { owner_repo: name } = JSON.parse(line) as { owner_repo: string };
  for (const pattern of ['*-test-*-sandbox-*-x', '**a*b**c*?x', '*-*-*-*-*-*-*-x', '**-**-**-**-**-x']) {
    const matches = compileWildcard(pattern);
    const prepare = (times: number) => {
      const long = name.repeat(times);
      return () => matches(long);
    };
    expect([pattern, await isSteep(prepare, 8)]).toEqual([pattern, false]);
  }
});
