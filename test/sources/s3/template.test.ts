import { describe, expect, it, test } from '@jest/globals';
import { compareKeys, disjoint } from '../../../src/sources/s3/key-order.ts';
import { dateFolder, parseTemplate, periodOf } from '../../../src/sources/s3/template.ts';

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`);

describe('parseTemplate', () => {
  it.each(['detections/{{.Year/', 'detections/.Year}}/', '{{a}}}}'])('refuses %s', (text) => {
    expect(() => parseTemplate(text)).toThrow('unpaired');
  });

  it.each([
    ['', '', 0, ''],
    ['detections', 'detections', 0, ''],
    ['detections/{{.Year}}/{{.Month}}/', 'detections/', 2, ''],
    ['{{.Year}}/x/{{ .Month }}/', '', 3, ''],
    ['a/{{.Year}}/part-', 'a/', 1, 'part-'],
    ['a/{{.Year}}', 'a/', 1, ''],
    ['a/{{.Time.Format "2006/01/02"}}/', 'a/', 0, ''],
  ])('%s', (text, root, segments, tail) => {
    const template = parseTemplate(text);
    expect([template.root, template.segments.length, template.tail]).toEqual([root, segments, tail]);
  });
});

describe('dateFolder', () => {
  const fits = (template: string, name: string) => {
    const [segment] = parseTemplate(template).segments;
    if (segment === undefined) throw new Error('no segment');
    return dateFolder(segment, name, {});
  };
  it.each([
    ['{{.Year}}/', '2026', { year: 2026 }],
    ['{{.Month}}/', '03', { month: 3 }],
    ['{{.Month}}/', '3', { month: 3 }],
    ['{{.Month}}/', 'March', { month: 3 }],
    ['{{.Month}}/', 'mar', { month: 3 }],
    ['{{printf "%02d" .Month}}/', '03', { month: 3 }],
    ['{{.Month | printf "%02d"}}/', '12', { month: 12 }],
    ['year={{.Year}}/', 'year=2026', { year: 2026 }],
    ['{{.Year}}-{{.Month}}-{{.Day}}/', '2026-1-9', { year: 2026, month: 1, day: 9 }],
    ['{{.Year}}{{.Month}}{{.Day}}/', '20260109', { year: 2026, month: 1, day: 9 }],
    ['{{.Owner}}-{{.Year}}/', 'a-b-2026', { year: 2026 }],
    ['{{.Whatever}}/', 'anything', {}],
  ])('%s reads %s', (template, name, dating) => {
    expect(fits(template, name)).toEqual(dating);
  });

  it.each([
    ['{{.Year}}/', 'threat-intel'],
    ['{{.Year}}/', '26'],
    ['{{.Month}}/', '13'],
    ['{{.Month}}/', 'Monday'],
    ['{{.Year}}-{{.Month}}-{{.Day}}/', '2026-02-30'],
    ['{{.Year}}{{.Month}}{{.Day}}/', '2026111'],
    ['{{.Year}}-{{.Hour}}/', '2026-x'],
  ])('%s does not recognize %s', (template, name) => {
    const known = fits(template, name);
    expect(known === undefined || (known.year === undefined && periodOf(known) === undefined)).toBe(true);
    if (name !== '13') expect(known).toBeUndefined();
  });
});

test('periodOf covers exactly what is known', () => {
  expect(periodOf({ month: 3 })).toBeUndefined();
  expect(periodOf({ year: 2025 })).toEqual({ from: day('2025-01-01'), to: day('2026-01-01') });
  expect(periodOf({ year: 2025, month: 12 })).toEqual({ from: day('2025-12-01'), to: day('2026-01-01') });
  expect(periodOf({ year: 2024, month: 2, day: 29 })).toEqual({
    from: day('2024-02-29'),
    to: day('2024-03-01'),
  });
  expect(periodOf({ year: 2025, month: 2, day: 29 })).toBeUndefined();
  expect(periodOf({ year: 2025, month: 1, day: 1, hour: 24 })).toBeUndefined();
});

test('keys compare by their UTF-8 bytes', () => {
  const keys = [
    '',
    'a',
    'a-b',
    'a/b',
    'ab',
    'é',
    'z',
    '\u{ffff}',
    '\u{e000}',
    '\u{1f600}',
    '\u{10ffff}',
    '日本',
  ];
  const byBytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(keys.toSorted(compareKeys)).toEqual(byBytes);
  expect(disjoint(['b/', 'a/x', 'a/', 'a/'])).toEqual(['a/', 'b/']);
});
