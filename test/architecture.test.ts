import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { globSync } from 'tinyglobby';
import { ROOT, read } from './markdown.ts';

/** The rooms of ARCHITECTURE.md are those of the code, and imports go the way it says. */

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
  it('are those of the code', () => {
    expect(rooms.toSorted()).toEqual(readdirSync(SRC).sort());
  });

  it('import from further down only', () => {
    expect(imports.length).toBeGreaterThan(1_000);
    const up = imports
      .filter(({ from, to }) => rooms.indexOf(roomOf(to)) < rooms.indexOf(roomOf(from)))
      .map(({ from, to }) => `${relative(SRC, from)} → ${relative(SRC, to)}`);
    expect(up).toEqual([]);
  });
});

it('every file that the page names is there', () => {
  const named = [...page.matchAll(/(?:^ *|`)((?:[\w-]+\/)+[\w.-]*\.ts)\b/gm)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(15);
  const missing = named.filter((path) => !existsSync(join(SRC, path)) && !existsSync(join(ROOT, path)));
  expect(missing).toEqual([]);
});
