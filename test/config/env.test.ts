import { describe, expect, it, test } from '@jest/globals';
import { substituteEnv } from '../../src/config/env.ts';

const env = { USER_NAME: 'me', EMPTY: '', TRICKY: '}: ${USER_NAME} "\n- x' };
const of = (value: unknown): unknown => substituteEnv(value, env).value;

describe('an unset variable', () => {
  test.each<[unknown, PropertyKey[]]>([
    [{ sink: { api_key: '${NOPE}' } }, ['sink', 'api_key']],
    [{ sink: { urls: ['a', 'https://${NOPE}/'] } }, ['sink', 'urls', 1]],
    [{ a: '${USER_NAME} ${NOPE}' }, ['a']],
  ])('is reported with its key: %j', (tree, path) => {
    expect(substituteEnv(tree, env).unset).toEqual([{ path, name: 'NOPE' }]);
  });
});

test.each<[unknown, unknown]>([
  ['${USER_NAME}', 'me'],
  ['a-${USER_NAME}-${USER_NAME}', 'a-me-me'],
  ['${NOPE:-fallback}', 'fallback'],
  ['${NOPE:-}', ''],
  ['${USER_NAME:-fallback}', 'me'],
  ['${EMPTY}', ''],
  ['${EMPTY:-fallback}', 'fallback'],
  ['$${USER_NAME}', '${USER_NAME}'],
  ['$${A} ${USER_NAME}', '${A} me'],
  ['$USER_NAME', '$USER_NAME'],
  ['${not a name}', '${not a name}'],
  ['${TRICKY}', env.TRICKY],
  [7, 7],
  [null, null],
  [true, true],
])('%j becomes %j', (text, value) => {
  expect(of({ a: [text] })).toEqual({ a: [value] });
});

it('never lets a value change the structure, and does not touch keys', () => {
  expect(of({ '${USER_NAME}': { b: '${TRICKY}' } })).toEqual({ '${USER_NAME}': { b: env.TRICKY } });
});

it('says which values came from the environment', () => {
  const { fromEnv } = substituteEnv({ a: ['x', '${USER_NAME}'], b: { c: '${EMPTY}' }, d: '$${X}' }, env);
  expect([...fromEnv]).toEqual(['a.1', 'b.c']);
});
