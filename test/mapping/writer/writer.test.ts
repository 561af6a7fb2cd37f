import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../../src/contracts/errors.ts';
import type { Detection } from '../../../src/detections/detection.ts';
import type { Fields } from '../../../src/mapping/language.ts';
import { createWriters, type Extras } from '../../../src/mapping/writer/index.ts';

const FACTS = { one: 1, two: 'second', list: ['x'] } as unknown as Detection;
const NO_FACTS = {} as unknown as Detection;

function write(fields: Fields, detection = FACTS): string {
  return createWriters().compile(fields)(detection).toString();
}

describe('a compiled writer', () => {
  it('nests dotted names and keeps their order', () => {
    const text = write({ 'b.y': '$one', a: 'literal', 'b.x.z': '$two', c: true, d: 5 });
    expect(text).toBe('{"b":{"y":1,"x":{"z":"second"}},"a":"literal","c":true,"d":5}');
  });

  it('leaves no trace of an absent value: no field, no object around it', () => {
    expect(write({ a: '$missing', 'b.c.d': '$missing', e: '$one' })).toBe('{"e":1}');
    expect(write({ 'b.c.d': '$missing' })).toBe('');
    expect(write({})).toBe('');
    expect(write({ a: '$one', 'b.c': '$list' }, NO_FACTS)).toBe('');
    expect(write({ a: '' })).toBe('');
  });

  it('places commas correctly, whichever members are absent', () => {
    const fields = { a: '$missing', b: 1, c: '$missing', d: '$one', e: 2, f: 3, g: '$missing' };
    expect(JSON.parse(write(fields))).toEqual({ b: 1, d: 1, e: 2, f: 3 });
    expect(JSON.parse(write(fields, NO_FACTS))).toEqual({ b: 1, e: 2, f: 3 });
  });

  it('writes constants of every length', () => {
    for (let length = 1; length < 300; length += 1) {
      const text = 'é'.repeat(length % 7) + 'x'.repeat(length);
      expect(JSON.parse(write({ [text]: '$one', b: text, c: '$two', d: text }))).toEqual({
        [text]: 1,
        b: text,
        c: 'second',
        d: text,
      });
    }
  });

  it('keeps the shared facts of one detection apart from those of another', () => {
    const writer = createWriters().compile({ 'threat.a': '$threat.a', 'threat.b.c': '$threat.b', d: '$one' });
    const threats = [{ a: 1 }, { a: 2, b: 'b' }, {}, undefined].map((threat) => ({ threat, one: 1 }));
    const documents = [...threats, ...threats].map((facts) =>
      JSON.parse(writer(facts as unknown as Detection).toString()),
    );
    const wanted = [
      { threat: { a: 1 }, d: 1 },
      { threat: { a: 2, b: { c: 'b' } }, d: 1 },
      { d: 1 },
      { d: 1 },
    ];
    expect(documents).toEqual([...wanted, ...wanted]);
  });

  it('keeps trees apart that have the same values under other names', () => {
    const writers = createWriters();
    const text = (name: string): string =>
      writers
        .compile({ [name]: '$one' })(FACTS)
        .toString();
    expect(['a.b.x', 'a.c.x', 'a.b.y', 'b.b.x'].map(text)).toEqual([
      '{"a":{"b":{"x":1}}}',
      '{"a":{"c":{"x":1}}}',
      '{"a":{"b":{"y":1}}}',
      '{"b":{"b":{"x":1}}}',
    ]);
  });

  it('escapes names', () => {
    expect(JSON.parse(write({ '@timestamp': '$one' }))).toEqual({ '@timestamp': 1 });
  });

  it.each([
    [{ a: 1, 'a.b': 2 }, 'the mappings write a.b, but a would be both a value and an object'],
    [
      { 'x.a': '$one', 'x.a.b.c': 2 },
      'the mappings write x.a.b.c, but a would be both a value and an object',
    ],
  ])('refuses a field that is both a value and an object: %j', (fields, message) => {
    expect(() => createWriters().compile(fields)).toThrow(message);
  });

  it('refuses an object that becomes a value', () => {
    expect(() => createWriters().compile({ 'a.b': 2, a: 1 })).toThrow(ConfigError);
  });

  it('accepts values that no YAML can express', () => {
    const kept = { a: '-', b: [], c: null };
    const extras: Extras = {
      'a.constant': { constant: ['x'] },
      'a.nothing': { constant: {} },
      'a.either': { constants: ['none', 'facts'], which: (detection) => (detection === FACTS ? 1 : 0) },
      text: { text: (detection) => (detection === FACTS ? '"' : undefined) },
      kept: { verbatim: () => kept },
      original: { original: () => kept },
    };
    const writer = createWriters().compile({ 'a.b': 1 }, extras);
    const whole = { kept, original: JSON.stringify(kept) };
    expect(JSON.parse(writer(FACTS).toString())).toEqual({
      a: { b: 1, constant: ['x'], either: 'facts' },
      text: '"',
      ...whole,
    });
    expect(JSON.parse(writer(NO_FACTS).toString())).toEqual({
      a: { b: 1, constant: ['x'], either: 'none' },
      ...whole,
    });
  });
});
