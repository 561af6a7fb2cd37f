import { expect, it } from '@jest/globals';
import { evenly } from './bench/shapes.ts';

it('the benchmark of shapes has 14 of them, from samples with one or several documents', () => {
  const lines = evenly(0, 28, 'samples/').trimEnd().split('\n');
  const kinds = lines.map((line) => (JSON.parse(line) as { id: string }).id);
  expect(kinds.slice(14)).toEqual(kinds.slice(0, 14));
  expect(new Set(lines)).toHaveProperty('size', 28);
});
