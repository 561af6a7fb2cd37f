import { describe, expect, it } from '@jest/globals';
import { parseTemplate } from '../../../src/sources/s3/template.ts';
import { covers } from '../../../src/sources/sqs/covers.ts';

describe('a template covers the keys that its listing finds', () => {
  it.each([
    ['', 'anything', true],
    ['d/', 'd/x', true],
    ['d/', 'e/x', false],
    ['d/{{.Year}}/{{.Month}}/', 'd/2026/03/x.json', true],
    ['d/{{.Year}}/{{.Month}}/', 'd/2026/March/deep/er/x.json', true],
    // A key without a readable time is listed anyway.
    ['d/{{.Year}}/{{.Month}}/', 'd/temp/x.json', true],
    ['d/{{.Year}}/{{.Month}}/', 'd/x.json', true],
    ['d/{{.Year}}/{{.Month}}/', 'other/2026/03/x.json', false],
    ['{{.Year}}/detections/', '2026/detections/x', true],
    ['{{.Year}}/detections/', '2026/other/x', false],
    ['{{.Year}}/detections/', '2026/x', false],
    ['{{.Year}}/detections/', 'notayear/x', true],
    ['d/{{.Year}}/part-', 'd/2026/part-1', true],
    ['d/{{.Year}}/part-', 'd/2026/other', false],
  ])('%j, %j: %s', (prefix, key, expected) => {
    expect(covers(parseTemplate(prefix), key)).toBe(expected);
  });
});
