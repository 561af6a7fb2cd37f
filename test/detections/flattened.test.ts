import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { fitFlattened, mayNotFit } from '../../src/detections/flattened.ts';
import { payloadOf, profile, read } from './harness.ts';

const prCheck = (kind: string) =>
  kind === 'pr_check_failure' ? profile(kind, { dataset: 'pr_check' }) : undefined;

const readLines = (name: string): string[] =>
  readFileSync(new URL(`../hostile/inputs/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

function levels(value: Json | undefined): number {
  if (Array.isArray(value)) return Math.max(0, ...value.map(levels));
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(levels));
}

function longestKey(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  const keys = Array.isArray(value) ? [] : Object.keys(value).map((key) => Buffer.byteLength(key));
  return Math.max(0, ...keys, ...Object.values(value).map(longestKey));
}

/** The parts of these payloads that no reader reads. */
function rest(payload: JsonObject): JsonObject {
  const {
    id: _,
    owner: __,
    owner_repo: ___,
    timestamp: ____,
    detection: _____,
    event_id: ______,
    ...others
  } = payload;
  return others;
}

function nested(levels: number, innermost: Json): Json {
  let value = innermost;
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}

function fit(object: JsonObject): { fitted: JsonObject | undefined; warnings: string[] } {
  const warnings: string[] = [];
  return { fitted: fitFlattened(object, warnings), warnings };
}

test.each<[string, Json]>([
  ['twenty levels', nested(19, 'x')],
  ['lists, which do not count as levels', [[[[[[[[[[[[[[[[[[[[[['x']]]]]]]]]]]]]]]]]]]]]]],
  ['lists of objects', [{ a: [{ a: 1 }] }, null, [], {}]],
  ['a key of 8,000 bytes', { ['k'.repeat(8_000)]: 1 }],
])('%s stay as they are', (_, value) => {
  expect(fit({ value })).toEqual({ fitted: { value }, warnings: [] });
});

test('deeper levels become JSON text', () => {
  expect(fit({ a: nested(19, { b: ['x'] }) })).toEqual({
    fitted: { a: nested(19, '{"b":["x"]}') },
    warnings: ['deep_as_text'],
  });
  expect(fit({ a: nested(19, ['x', { b: 1 }, { c: {} }]) })).toEqual({
    fitted: { a: nested(19, ['x', '{"b":1}', '{"c":{}}']) },
    warnings: ['deep_as_text', 'deep_as_text'],
  });
});

test('a member with a long key becomes text under the start of the key and a hash', () => {
  const key = 'k'.repeat(40_000);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
  const name = `${'k'.repeat(100)}… (${hash})`;
  expect(fit({ [key]: { b: 1 }, c: 2 })).toEqual({
    fitted: { [name]: `{"${key}":{"b":1}}`, c: 2 },
    warnings: ['long_key_as_text'],
  });
});

test('long keys count together, in bytes', () => {
  const key = '\u20ac'.repeat(1_500);
  const { fitted, warnings } = fit({ [key]: { [`${key}1`]: 'x', [`${key}2`]: 'y' } });
  expect(Object.keys(fitted?.[key] as JsonObject)).toHaveLength(2);
  expect(warnings).toHaveLength(2);
});

it('keeps a member named __proto__', () => {
  const value = JSON.parse('{"a":{"__proto__":{"x":1}}}') as JsonObject;
  expect(JSON.stringify(fit(value).fitted)).toBe('{"a":{"__proto__":{"x":1}}}');
});

describe('a detection', () => {
  test.each(readLines('flattened-limits.ndjson').map((line): [number, string] => [line.length, line]))(
    'of %i bytes fits, and says what was changed',
    (_, line) => {
      const { unmapped, warnings, payload } = read(line);
      expect(levels(unmapped ?? {})).toBeLessThanOrEqual(20);
      expect(longestKey(unmapped ?? {})).toBeLessThan(8_500);
      const changed = JSON.stringify(unmapped) !== JSON.stringify(rest(payload));
      expect(warnings.some((code) => code.endsWith('_as_text'))).toBe(changed);
    },
  );
  it('fits together with its failed check', () => {
    const deep = nested(30, 1) as JsonObject;
    const check = { id: 'x', type: 'pr_check_failure', owner: 'acme', failure_data: [deep] };
    const detection = read(payloadOf('x', check), { profile: prCheck });
    expect(levels(detection.failure_data ?? {})).toBe(20);
    expect(detection.warnings).toEqual(['deep_as_text']);
    expect(detection.unmapped).toBeUndefined();
    expect(
      read(payloadOf('x', { ...check, failure_data: 'text' }), { profile: prCheck }).unmapped,
    ).toHaveProperty('failure_data', 'text');
  });
  it('fits together with its list of oddities', () => {
    const { unmapped } = read(payloadOf('Actions-Policy-Blocked', { actions_not_allowed: ['a', { b: 1 }] }));
    expect(unmapped).toEqual({ actions_not_allowed: ['a', { b: 1 }] });
    const one = { pid: 1, exe: '/bin/nc', new_one: 'x' };
    expect(read(payloadOf('Reverse-Shell', { process_events: one })).unmapped).toEqual({
      process_events: [{ new_one: 'x' }],
    });
    expect(read(payloadOf('Reverse-Shell', { process_events: 'nc' })).unmapped).toEqual({
      process_events: 'nc',
    });
  });
});

it('examines only texts that are long or nested', () => {
  expect(mayNotFit('x'.repeat(2_000), 5)).toBe(false);
  expect(mayNotFit('x'.repeat(3_000), 5)).toBe(true);
  expect(mayNotFit('x', 20)).toBe(true);
});
