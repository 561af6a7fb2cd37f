import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { globSync } from 'tinyglobby';
import { ROOT, read } from './markdown.ts';

/** The rooms in ARCHITECTURE.md are the rooms of the code, and imports go in the direction it gives. */

const SRC = join(ROOT, 'src');
const page = read('ARCHITECTURE.md');
const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

/** Top to bottom. */
const rooms = [...section('Rooms').matchAll(/^\| `([\w.-]+)\/?` \|/gm)].map(([, room = '']) => room);
const roomOf = (file: string): string => relative(SRC, file).split('/')[0] ?? '';

const imports = globSync('**/*.ts', { cwd: SRC, absolute: true }).flatMap((from) =>
  [...readFileSync(from, 'utf8').matchAll(/(?:\bfrom|\bimport\(|\bimport) ?'(\.[^']+)'/g)].map(
    ([, target = '']) => ({ from, to: join(dirname(from), target) }),
  ),
);

describe('rooms', () => {
  it('are the ones in the code', () => {
    expect(rooms.toSorted()).toEqual(readdirSync(SRC).sort());
  });

  it('import only from rooms further down', () => {
    expect(imports.length).toBeGreaterThan(1_000);
    const up = imports
      .filter(({ from, to }) => rooms.indexOf(roomOf(to)) < rooms.indexOf(roomOf(from)))
      .map(({ from, to }) => `${relative(SRC, from)} → ${relative(SRC, to)}`);
    expect(up).toEqual([]);
  });
});

it('no file imports itself through others', () => {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const open: string[] = [];
  const done = new Set<string>();
  const visit = (file: string): readonly string[] | undefined => {
    if (open.includes(file)) return [...open.slice(open.indexOf(file)), file];
    if (done.has(file)) return undefined;
    open.push(file);
    for (const to of next.get(file) ?? []) {
      const circle = visit(to);
      if (circle !== undefined) return circle;
    }
    open.pop();
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) expect(visit(file)?.map((one) => relative(SRC, one))).toBeUndefined();
});

it('every file that the page names exists', () => {
  const named = [...page.matchAll(/(?:^ *|`)((?:[\w-]+\/)+[\w.-]*\.ts)\b/gm)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(15);
  const missing = named.filter((path) => !existsSync(join(SRC, path)) && !existsSync(join(ROOT, path)));
  expect(missing).toEqual([]);
});
