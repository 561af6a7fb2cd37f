import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';
import { isSteep } from '../cost.ts';
import { documentsOf } from '../mapping/documents.ts';
import { decodeText, payloadOf, read, TOKENS } from './harness.ts';

const lists = (levels: number, inside = ''): string => '['.repeat(levels) + inside + ']'.repeat(levels);
const objects = (levels: number, inside = '1'): string =>
  '{"a":'.repeat(levels) + inside + '}'.repeat(levels);

/** The text of a detection whose member `deep` has this text. */
const withDeep = (deep: string, over: JsonObject = {}): string =>
  JSON.stringify(payloadOf('Reverse-Shell', { ...over, deep: 'HERE' })).replace('"HERE"', deep);

function innermost(value: Json | undefined): Json | undefined {
  let at = value;
  while (typeof at === 'object' && at !== null) at = Object.values(at)[0];
  return at;
}

/** How deep objects are nested, including those in text. */
function levelsOf(value: Json | undefined): number {
  let levels = 0;
  let at = value;
  while (at !== undefined && at !== null) {
    if (typeof at === 'object') {
      levels += 1;
      at = Object.values(at)[0];
    } else if (typeof at === 'string' && at.startsWith('{')) at = JSON.parse(at) as Json;
    else break;
  }
  return levels;
}

it('reads a detection with a member 5,000 levels deep, and delivers all of it', () => {
  const text = readFileSync(new URL('../hostile/inputs/deep-5000obj.json', import.meta.url), 'utf8');
  const detection = read(text);
  expect(detection.warnings).toContain('deep_as_text');
  const [ecs] = documentsOf(detection, { preserveOriginal: true });
  expect(levelsOf(at(ecs, 'stepsecurity', 'unmapped', 'a'))).toBe(5_000);
  const original = JSON.parse(at(ecs, 'event', 'original') as string) as JsonObject;
  expect(levelsOf(original.a)).toBe(5_000);
  const [cim] = documentsOf(detection, { schema: 'cim' });
  expect(levelsOf(at(cim, 'stepsecurity', 'a'))).toBe(5_000);
});

function at(value: Json | undefined, ...path: string[]): Json | undefined {
  let found = value;
  for (const key of path) found = (found as JsonObject | undefined)?.[key];
  return found;
}

test('anything below 200 levels becomes text, and nothing above it does', () => {
  expect(read(withDeep(lists(199))).payload.deep).toEqual(JSON.parse(lists(199)));
  expect(read(withDeep(lists(199))).warnings).not.toContain('deep_as_text');
  for (const make of [lists, objects]) {
    const detection = read(withDeep(make(5_000)));
    expect(detection.warnings).toEqual(['deep_as_text']);
    expect(innermost(detection.payload.deep)).toBe(make(4_801));
  }
});

test('brackets in texts are not levels', () => {
  const text = '[{"'.repeat(5_000);
  const detection = read(payloadOf('Reverse-Shell', { note: text, [`${text}\\`]: [[text]] }));
  expect(detection.warnings).not.toContain('deep_as_text');
  expect(detection.unmapped).toMatchObject({ note: text });
});

test('any number of brackets side by side is not depth', () => {
  const wide = Array.from({ length: 5_000 }, () => [[]]);
  expect(read(payloadOf('Reverse-Shell', { wide })).unmapped).toEqual({ wide });
});

describe('a uid is a function of the payload', () => {
  /** There is no event id and no `detection`, so the uid depends on all other members. */
  const uidOf = (deep: string): string => read(withDeep(deep, { event_id: null, detection: null })).uid;
  const deep = objects(300, '["é/",1.5,9007199254740993,100000,"\\n"]');

  test('however it is written', () => {
    const spaced = objects(300, '[ "\\u00e9\\/" , 1.50 ,\n9007199254740993,\t1e5, "\\u000a" ]');
    expect(uidOf(spaced.replaceAll('{', '{ '))).toBe(uidOf(deep));
    expect(uidOf(deep.replace('1.5', '2'))).not.toBe(uidOf(deep));
  });
  test.each([198, 199, 200, 201, 202, 300])('alone or in a group, %i levels', (levels) => {
    const text = withDeep(lists(levels), { event_id: null, detection: null });
    const [first, second] = decodeText(`{"data":[${text},{"id":"Reverse-Shell"}]}`);
    if (first === undefined || !('detection' in first)) throw new Error('no detection');
    expect(first.detection.uid).toBe(read(text).uid);
    expect(first.detection.warnings).toEqual(read(text).warnings);
    if (second === undefined || !('detection' in second)) throw new Error('no detection');
    expect(second.detection.warnings).not.toContain('deep_as_text');
  });
});

test('a member of a group that is itself too deep is a fault named after the cause, and the others go on', () => {
  const entries = decodeText(`{"data":[${lists(5_000)},{"id":"Reverse-Shell"}]}`);
  expect(entries.map((entry) => ('fault' in entry ? entry.fault.code : 'detection'))).toEqual([
    'not_an_object',
    'detection',
  ]);
});

test.each([
  ['left open', `{"id":"Reverse-Shell","x":${'['.repeat(5_000)}}`, 'invalid_json'],
  ['not an object', lists(5_000), 'not_an_object'],
  ['closed too often', `${withDeep(lists(5_000))}]`, 'invalid_json'],
])('is a fault as usual when it is not a detection: %s', (_, text, code) => {
  const [entry] = decodeText(text);
  expect(entry !== undefined && 'fault' in entry && entry.fault.code).toBe(code);
});

describe('no secret gets through below the levels that are read', () => {
  const token = Object.values(TOKENS)[0] ?? '';
  const inside = `{"args":["--token","hunter2hunter2"],"secret":"abcd****wxyz","x":"\\u0067${token.slice(1)}","url":"https://u:hunter2hunter2@h/"}`;
  const raw = withDeep(lists(300, inside));
  test('in a document or in a dead letter', () => {
    for (const text of [
      JSON.stringify(read(raw)),
      DEFAULT_REDACTOR.raw(raw),
      DEFAULT_REDACTOR.raw(`${raw}]`),
    ]) {
      for (const secret of ['hunter2', 'wxyz', token]) expect(text).not.toContain(secret);
    }
  });
});

it('takes memory and time proportional to length, for megabytes of brackets', async () => {
  const levels = 5 * 2 ** 20;
  const raw = withDeep(lists(levels));
  expect(read(raw).warnings).toEqual(['deep_as_text']);
  expect(DEFAULT_REDACTOR.raw(raw).length).toBeGreaterThan(levels);
  const prepare = (depth: number) => {
    const text = withDeep(lists(depth));
    return () => [read(text), DEFAULT_REDACTOR.raw(text)];
  };
  expect(await isSteep(prepare, 2 ** 17)).toBe(false);
});
