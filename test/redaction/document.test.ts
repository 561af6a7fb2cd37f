import { readFileSync } from 'node:fs';
import { expect, it, test } from '@jest/globals';
import { DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';
import { SHAPES } from '../../src/redaction/shapes/index.ts';

const page = readFileSync('docs/redaction.md', 'utf8');
const [, shapes = '', places = ''] = page.split(/^## By its (?:shape|place)$/m);

it('the page names every shape', () => {
  const named = [...shapes.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  expect(named).toEqual(SHAPES.map(({ name }) => name));
});

const rows = [...places.matchAll(/^\| `[a-z-]+` \| [^|]+ \| `([^`]+)` \| `([^`]+)` \|$/gm)];
test.each(rows.map(([, written = '', becomes = '']) => [written, becomes]))('%s', (written, becomes) => {
  expect(DEFAULT_REDACTOR.text(written)).toBe(becomes);
});

it('the page has an example for nearly every place', () => {
  expect(rows.length).toBeGreaterThan(6);
});
