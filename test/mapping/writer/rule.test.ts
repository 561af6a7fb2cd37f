import { describe, expect, it, test } from '@jest/globals';
import type { Detection } from '../../../src/detections/detection.ts';
import type { Rule } from '../../../src/mapping/language.ts';
import { getter } from '../../../src/mapping/path.ts';
import { createOutput, take } from '../../../src/mapping/writer/output.ts';
import { compileRule } from '../../../src/mapping/writer/rule.ts';

/** Rules read any object by its paths; this one holds every type of value. */
const FACTS = {
  text: 'Some Text',
  digits: '0042',
  number: 7,
  fraction: 1.5,
  yes: true,
  yesText: 'true',
  nothing: null,
  word: 'unknown',
  ip: '203.0.113.9',
  epoch: '1753203994',
  list: ['a', 'b'],
  a: { b: { c: { d: 'deep' } } },
  payload: { kept: '-', key: 'value', rows: [{ name: 'first' }, { name: 'second' }] },
} as unknown as Detection;

function written(rule: Rule): unknown {
  const out = createOutput(16);
  return compileRule(rule).put(FACTS, out) ? JSON.parse(take(out).toString()) : undefined;
}

describe('a literal', () => {
  it.each(['text', 5, true, ['a', 1, false]])('%j is the same for every detection', (rule) => {
    expect(written(rule)).toEqual(rule);
    expect(compileRule(rule).constant?.toString()).toBe(JSON.stringify(rule));
  });
});

describe('$path', () => {
  it.each([
    ['$text', 'Some Text'],
    ['$a.b.c.d', 'deep'],
    ['$a.b', { c: { d: 'deep' } }],
    ['$list', ['a', 'b']],
    ['$payload.key', 'value'],
    ['$payload.rows.1.name', 'second'],
    ['$payload.rows.2.name', undefined],
    ['$list.0', 'a'],
    ['$nothing', undefined],
    ['$word', undefined],
    ['$missing', undefined],
    ['$missing.deeper.still.and.more', undefined],
    ['$a.b.missing', undefined],
  ])('%s gives %j', (rule, value) => {
    expect(written(rule)).toEqual(value);
  });

  it('keeps the payload complete', () => {
    expect(written('$payload')).toEqual(FACTS.payload);
  });
});

describe('from', () => {
  const rows: [Rule, unknown][] = [
    [{ from: 'text' }, 'Some Text'],
    [{ from: ['missing', 'nothing', 'word', 'number', 'text'] }, 7],
    [{ from: ['missing', 'nothing'] }, undefined],
    [{ from: 'missing', default: 'else' }, 'else'],
    [{ from: 'word', default: 'else' }, 'else'],
    [{ from: 'text', as: 'lower' }, 'some text'],
    [{ from: 'number', as: 'lower' }, undefined],
    [{ from: 'digits', as: 'integer' }, 42],
    [{ from: 'number', as: 'integer' }, 7],
    [{ from: 'fraction', as: 'integer' }, undefined],
    [{ from: 'text', as: 'integer' }, undefined],
    [{ from: 'yesText', as: 'boolean' }, true],
    [{ from: 'yes', as: 'boolean' }, true],
    [{ from: 'text', as: 'boolean' }, undefined],
    [{ from: 'ip', as: 'ip' }, '203.0.113.9'],
    [{ from: 'text', as: 'ip' }, undefined],
    [{ from: 'epoch', as: 'date' }, '2025-07-22T17:06:34.000Z'],
    [{ from: 'text', as: 'date' }, undefined],
    [{ from: 'text', as: 'list' }, ['Some Text']],
    [{ from: 'list', as: 'list' }, ['a', 'b']],
    [{ from: 'missing', as: 'list' }, undefined],
    [{ from: 'number', as: 'string' }, '7'],
    [{ from: 'a', as: 'string' }, undefined],
    [{ from: ['text', 'digits'], as: 'integer' }, 42],
    [{ from: 'number', map: { 7: 'seven' } }, 'seven'],
    [{ from: 'yes', map: { true: 1 } }, 1],
    [{ from: 'text', map: { other: 'x' } }, undefined],
    [{ from: 'text', map: { other: 'x' }, default: 'y' }, 'y'],
    [{ from: ['text', 'number'], map: { 7: ['list'] } }, ['list']],
    [{ from: 'text', as: 'lower', map: { 'some text': 'found' } }, 'found'],
    [{ from: 'list', map: { a: 'x' } }, undefined],
  ];
  it.each(rows)('%j gives %j', (rule, value) => {
    expect(written(rule)).toEqual(value);
  });
});

test('a table does not match the names that every object has', () => {
  expect(written({ from: 'text', map: {}, default: 'none' })).toBe('none');
  const facts = { text: 'constructor' } as unknown as Detection;
  expect(compileRule({ from: 'text', map: { a: 'b' } }).put(facts, createOutput(16))).toBe(false);
});

test.each(['a', 'a.b', 'a.b.c', 'a.b.c.d'])('a path of any length finds its value: %s', (path) => {
  expect(getter(path)(FACTS)).toBeDefined();
  expect(getter(`${path}.x`)(FACTS)).toBeUndefined();
});
