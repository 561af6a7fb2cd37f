import type { Json } from '../../../src/contracts/types.ts';
import { detectionOf, type Family, pick, times } from './family.ts';

const group = (data: Json[], parent: Record<string, Json> = {}): Buffer =>
  Buffer.from(JSON.stringify({ id: 'a-group', ...parent, data }));

export const GROUP_FAMILIES: readonly Family[] = [
  { name: 'group: members', medium: 1_000, make: (size) => group(times(size, (nth) => detectionOf(nth))) },
  {
    name: 'group: members that are not objects',
    medium: 20_000,
    make: (size, random) => group(times(size, () => pick(random, [1, null, 'x', [], true]))),
  },
  {
    name: 'group: empty members',
    medium: 20_000,
    make: (size) => group(times(size, () => ({}))),
  },
  {
    name: 'group: members under a large parent',
    medium: 100,
    make: (size) =>
      group(
        times(size, (nth) => ({ id: 'Reverse-Shell', run_id: String(nth) })),
        { owner: 'acme', repo: 'web', note: 'x'.repeat(20_000) },
      ),
  },
  {
    name: 'group: fields of a parent',
    medium: 200,
    make: (size) =>
      group(
        times(100, (nth) => ({ id: 'Reverse-Shell', run_id: String(nth) })),
        Object.fromEntries(times(size, (nth) => [`field_${nth}`, nth])),
      ),
  },
  {
    name: 'group: alternating good and bad members',
    medium: 1_000,
    make: (size) => group(times(size, (nth) => (nth % 2 === 0 ? detectionOf(nth) : nth))),
  },
  {
    name: 'group: groups without members',
    medium: 10_000,
    make: (size) => Buffer.from('{"id":"a-group","data":[]}\n'.repeat(size)),
  },
  {
    name: 'group: groups in groups',
    medium: 1_000,
    make: (size) =>
      group(
        times(size, (nth) => ({ ...detectionOf(nth), data: [detectionOf(nth), { data: [{ data: [1] }] }] })),
      ),
  },
];
