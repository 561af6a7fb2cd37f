import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import { kindFile } from '../src/mapping/files.ts';
import { FULL, itInFull } from './full.ts';
import { blocks, ROOT } from './markdown.ts';

/**
 * Follows docs/adding-a-detection.md to the letter in a copy of the tree: its YAML exactly as printed, its one sample,
 * `npm run golden`, and nothing else. Every test that reads mappings or samples must then pass.
 */

const PAGE = blocks.filter(({ at }) => at.startsWith('docs/adding-a-detection.md:'));
const [yaml, sample] = [
  PAGE.find(({ language }) => language === 'yaml'),
  PAGE.find(({ language }) => language === 'sh'),
];
const [, file = ''] = /^# (mappings\/\S+\.yaml)$/m.exec(yaml?.text ?? '') ?? [];

let tree = '';
/** Generated, or not part of what a reader checks out. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'out', 'build', 'coverage', '.git']);

/** Found in the source of every test that reads mappings, samples or their documents. */
const SEES = /samples|mappings|golden|events\.ts|harness\.ts/i;
/** Not run: this test itself, tests with real servers, memory and time limits, and tests that copy the tree. */
const OTHERS = /adding-a-detection|readme-commands|seams|services\/|hostile\/|linear|scale/;
const seeing = (): string[] =>
  globSync('test/**/*.test.ts', { cwd: ROOT })
    .filter((name) => !OTHERS.test(name) && SEES.test(readFileSync(join(ROOT, name), 'utf8')))
    .sort();

/** Everything a failed command printed; empty when it succeeded. */
function inTree(command: string): string {
  // Leave out the suites that need servers.
  const { FULL: _, REQUIRE_SERVICES: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', command], {
    cwd: tree,
    encoding: 'utf8',
    env: { ...env, NODE_OPTIONS: '--experimental-vm-modules' },
    maxBuffer: 2 ** 27,
  });
  return status === 0 ? '' : `${stdout}${stderr}`.slice(-6_000);
}

beforeAll(() => {
  if (!FULL) return;
  tree = mkdtempSync(join(tmpdir(), 'adding-a-detection-'));
  // Some tests read files of their own as another user, who must be able to enter the tree.
  chmodSync(tree, 0o755);
  cpSync(ROOT, tree, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(basename(path)) || relative(ROOT, path).includes('/'),
  });
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
});
afterAll(() => {
  if (FULL) rmSync(tree, { recursive: true, force: true });
});

it('the page has one YAML that is ready to save, and one command', () => {
  expect(existsSync(join(ROOT, file))).toBe(false);
  expect(kindFile.safeParse(parse(yaml?.text ?? '')).error).toBeUndefined();
  expect(sample?.text).toContain('npm run golden');
});

describe('adding a detection', () => {
  itInFull(
    'takes one YAML file and one sample',
    () => {
      expect(existsSync(join(tree, file))).toBe(false);
      writeFileSync(join(tree, file), `${yaml?.text}\n`);
      expect(inTree(sample?.text ?? 'false')).toBe('');
      const golden = file.replace('mappings/', 'test/golden/ecs/').replace('.yaml', '.json');
      const [document] = JSON.parse(readFileSync(join(tree, golden), 'utf8')) as { stepsecurity: object }[];
      expect(document?.stepsecurity).toMatchObject({ disk: { device: '/dev/sda', bytes: 256_000_000_000 } });
      expect(document?.stepsecurity).not.toHaveProperty('unmapped');
      expect(document?.stepsecurity).not.toHaveProperty('parse_warnings');
    },
    300_000,
  );

  itInFull(
    'leaves every test that reads mappings and samples passing',
    () => {
      expect(seeing().length).toBeGreaterThan(30);
      expect(inTree(`npm run build && npx jest ${seeing().join(' ')}`)).toBe('');
    },
    900_000,
  );
});
