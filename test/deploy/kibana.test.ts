import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { joined } from '../kibana/eql.ts';
import { kqlToQuery } from '../kibana/kql.ts';
import { detectionRules, ofType, panelsOf, type Saved, savedObjects } from '../kibana/objects.ts';
import { askedPanels } from '../kibana/panels.ts';
import { detectionRule } from '../kibana/rule-schema.ts';
import { savedObject } from '../kibana/schema.ts';

/** The files that people import: that they are valid and consistent. */

const problem = (schema: z.ZodType, value: unknown): string => {
  const { error } = schema.safeParse(value);
  return error === undefined ? '' : z.prettifyError(error);
};

describe('saved objects', () => {
  test.each(savedObjects.map((one) => [`${one.type} ${one.id}`, one] as const))('%s is valid', (_, one) => {
    expect(problem(savedObject, one)).toBe('');
  });

  test('each exists once', () => {
    const names = savedObjects.map(({ type, id }) => `${type} ${id}`);
    expect(names).toEqual([...new Set(names)]);
  });

  test('every reference leads to one of them', () => {
    const names = new Set(savedObjects.map(({ type, id }) => `${type} ${id}`));
    const lost = savedObjects.flatMap((from) =>
      from.references
        .filter(({ type, id }) => !names.has(`${type} ${id}`))
        .map(({ name }) => `${from.id}: ${name}`),
    );
    expect(lost).toEqual([]);
  });

  test('every name an object uses is one of its references, and every reference is used', () => {
    for (const object of savedObjects) {
      const used = new Set(namesUsed(object));
      const given = object.references.filter(({ type }) => type !== 'tag').map(({ name }) => name);
      expect([...used].sort()).toEqual([...new Set(given)].sort());
    }
  });

  test.each(ofType('dashboard').map((one) => [one.id, one] as const))(
    '%s: no panel overlaps another',
    (_, one) => {
      const taken = new Set<string>();
      for (const { gridData } of panelsOf(one)) {
        const { x, y, w, h } = gridData;
        expect(x + w).toBeLessThanOrEqual(48);
        for (let row = y; row < y + h; row += 1)
          for (let column = x; column < x + w; column += 1) {
            expect(taken.has(`${row} ${column}`)).toBe(false);
            taken.add(`${row} ${column}`);
          }
      }
    },
  );

  test('a panel queries what its title says, in a language that is read', () => {
    for (const { title, queries } of askedPanels()) {
      expect(title).not.toBe('');
      expect(queries.length).toBeGreaterThan(1);
    }
  });
});

/** The names under which an object expects its references. */
function namesUsed(object: Saved): string[] {
  if (object.type === 'search')
    return [
      'kibanaSavedObjectMeta.searchSourceJSON.index',
      'kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index',
    ];
  if (object.type !== 'dashboard') return [];
  const panels = panelsOf(object).flatMap(
    ({ panelIndex, panelRefName, embeddableConfig: { attributes } }) => {
      const { references = [], links = [] } = (attributes ?? {}) as unknown as {
        references?: { name: string }[];
        links?: { destinationRefName: string }[];
      };
      return [
        ...(panelRefName === undefined ? [] : [panelRefName]),
        ...references.map(({ name }) => name),
        ...links.map(({ destinationRefName }) => destinationRefName),
      ].map((name) => `${panelIndex}:${name}`);
    },
  );
  const { panelsJSON } = object.attributes.controlGroupInput as { panelsJSON: string };
  const controls = Object.keys(JSON.parse(panelsJSON) as object);
  return [
    'kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index',
    ...panels,
    ...controls.map((id) => `controlGroup_${id}:optionsListDataView`),
  ];
}

describe('detection rules', () => {
  test.each(detectionRules.map((rule) => [rule.rule_id, rule] as const))('%s is valid', (_, rule) => {
    expect(problem(detectionRule, rule)).toBe('');
  });

  test('only the rule that every installation needs is enabled on import', () => {
    expect(detectionRules.filter(({ enabled }) => enabled).map(({ rule_id }) => rule_id)).toEqual([
      'stepsecurity-detections',
    ]);
  });

  test('look back further than their interval', () => {
    const minutes = (text: string): number => {
      const [, amount, unit = ''] = /(\d+)([mhd])$/.exec(text) ?? [];
      return Number(amount) * ({ m: 1, h: 60, d: 1_440 }[unit] ?? Number.NaN);
    };
    for (const { from, interval } of detectionRules) expect(minutes(from)).toBeGreaterThan(minutes(interval));
  });
});

describe('a query that our interpreter cannot read is refused', () => {
  test.each(['a : b*', 'a b', 'a : ("x" or', 'a : { b : c }', '(a : b', 'a < '])('%s', (query) => {
    expect(() => kqlToQuery(query)).toThrow();
  });
});

describe('an EQL sequence', () => {
  const event = (id: string, time: number, key = 'k') => ({ id, time, key });

  test.each([
    ['joins what follows', [[event('a', 1)], [event('b', 2)]], [['a', 'b']]],
    ['uses the last start', [[event('a', 1), event('a2', 2)], [event('b', 3)]], [['a2', 'b']]],
    ['is used up', [[event('a', 1)], [event('b', 2), event('b2', 3)]], [['a', 'b']]],
    ['is in order', [[event('a', 2)], [event('b', 1)]], []],
    ['requires the same key', [[event('a', 1)], [event('b', 2, 'other')]], []],
    ['ends in time', [[event('a', 1)], [event('b', 12)]], []],
    ['needs more than one event', [[event('a', 1)], [event('a', 1)]], []],
  ])('%s', (_, steps, sequences) => {
    expect(joined(steps, 10)).toEqual(sequences);
  });
});
