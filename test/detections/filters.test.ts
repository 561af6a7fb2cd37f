import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import {
  compileFilters,
  type FilterConfig,
  filterSchema,
  firstOf,
  rangeFilter,
} from '../../src/detections/filters.ts';
import { payloadOf, read } from './harness.ts';

type Criteria = Extract<FilterConfig, { include: unknown }>['include'];
const detection = (fields: JsonObject = {}, id = 'Reverse-Shell') => read(payloadOf(id, fields));

/** Each criterion, with what matches and what does not. */
describe.each<[Criteria, JsonObject, JsonObject]>([
  [{ kinds: ['Reverse-Shell', 'New-Kind'] }, {}, { id: 'Domain-Blocked' }],
  [{ kinds: ['New-Kind'] }, { id: 'New-Kind' }, {}],
  [{ owners: ['acme'] }, {}, { owner: 'acme-labs' }],
  [{ owners: ['acme*'] }, { owner: 'ACME-labs' }, { owner: 'the-acme' }],
  [{ owners: ['org::*'] }, { owner: 'org::broker::org' }, {}],
  [{ owners: ['*'] }, {}, { owner: '' }],
  [{ repositories: ['acme/web'] }, {}, { repo: 'web2' }],
  [{ repositories: ['acme/*'] }, { repo: '.github' }, { owner: 'else' }],
  [{ repositories: ['*/web-*', 'x/y'] }, { repo: 'Web-1' }, {}],
  [{ repositories: ['{acme,else}/web'] }, { owner: 'else' }, { owner: 'third' }],
  [{ min_severity: 'medium' }, {}, { severity_word: 'low' }],
  [{ suppressed: true }, { is_suppressed: true }, {}],
  [{ suppressed: false }, { is_suppressed: 'false' }, { is_suppressed: 'true' }],
  [{ resolved: true }, { is_resolved: true }, {}],
  [{ kinds: ['Reverse-Shell'], owners: ['acme'] }, {}, { owner: 'else' }],
])('%j', (criteria, met, unmet) => {
  const of = ({ severity_word, ...fields }: JsonObject) =>
    read(
      payloadOf('Reverse-Shell', fields),
      severity_word === undefined ? {} : { severity: { 'Reverse-Shell': 'low' } },
    );
  test('include passes only these', () => {
    const filter = compileFilters([{ name: 'mine', include: criteria }]);
    expect([filter(of(met)), filter(of(unmet))]).toEqual([undefined, 'mine']);
  });
  test('exclude stops these', () => {
    const filter = compileFilters([{ name: 'mine', exclude: criteria }]);
    expect([filter(of(met)), filter(of(unmet))]).toEqual(['mine', undefined]);
  });
});

it('names the first filter that stops a detection', () => {
  const filter = compileFilters([
    { name: 'one', exclude: { kinds: ['Domain-Blocked'] } },
    { name: 'two', include: { owners: ['else'] } },
    { name: 'three', exclude: { owners: ['acme'] } },
  ]);
  expect(filter(detection())).toBe('two');
  expect(filter(detection({}, 'Domain-Blocked'))).toBe('one');
  expect(filter(detection({ owner: 'else' }))).toBeUndefined();
  expect(compileFilters([])(detection())).toBeUndefined();
});

describe('the range of a backfill', () => {
  const { time } = detection();
  test.each([
    [undefined, undefined, undefined],
    [time, undefined, undefined],
    [time + 1, undefined, 'outside_range'],
    [undefined, time, 'outside_range'],
    [undefined, time + 1, undefined],
    [time, time + 1, undefined],
  ])('from %s to %s: %s', (from, to, name) => {
    expect(rangeFilter(from, to)(detection())).toBe(name);
  });
  it('does not stop a detection without a readable time', () => {
    const timeless = detection({ timestamp: '22 July 2025' });
    expect(rangeFilter(0, 1)(timeless)).toBeUndefined();
  });
  it('comes before the others', () => {
    const both = firstOf(rangeFilter(time + 1, undefined), () => 'mine');
    expect(both(detection())).toBe('outside_range');
    expect(firstOf(rangeFilter(time, undefined), () => 'mine')(detection())).toBe('mine');
  });
});

test.each<[string, unknown]>([
  ['no criterion', { name: 'a', include: {} }],
  ['an empty list', { name: 'a', include: { kinds: [] } }],
  ['both ways', { name: 'a', include: { suppressed: true }, exclude: { suppressed: true } }],
  ['neither way', { name: 'a' }],
  ['an unknown criterion', { name: 'a', include: { kind: 'x' } }],
  ['a name with spaces', { name: 'a b', include: { suppressed: true } }],
  ['an invalid severity', { name: 'a', include: { min_severity: 'bad' } }],
])('the configuration refuses %s', (_, filter) => {
  expect(filterSchema.safeParse(filter).success).toBe(false);
});
