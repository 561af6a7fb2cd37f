import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FULL } from './full.ts';
import { blocks, ROOT } from './markdown.ts';

/**
 * Follows docs/adding-a-detection.md to the letter, in a copy of the tree: its one YAML, its one sample, `npm run golden`,
 * and nothing else. Then the tests that look at mappings, samples and what is deployed for them must pass.
 */

const PAGE = blocks.filter(({ at }) => at.startsWith('docs/adding-a-detection.md:'));
const [yaml, sample] = [
  PAGE.find(({ language }) => language === 'yaml'),
  PAGE.find(({ language }) => language === 'sh'),
];
const [, file = '', mapping = ''] = /^# (\S+\.yaml)\n([\s\S]*)$/.exec(yaml?.text ?? '') ?? [];

const TREE = mkdtempSync(join(tmpdir(), 'adding-a-detection-'));
const COPIED =
  `src mappings facts samples schemas deploy test docs README.md CHANGELOG.md ARCHITECTURE.md package.json
  tsconfig.json tsconfig.build.json jest.config.js`.split(/\s+/);

/** What holds kinds, mappings, samples and their documents to one another. */
const TESTS =
  `test/mapping/golden.test.ts test/mapping/schemas.test.ts test/mapping/nothing-lost.test.ts test/mapping/registry.test.ts
  test/mapping/lint test/published test/session/samples.test.ts test/deploy/splunk-models.test.ts
  test/deploy/splunk-addon.test.ts test/deploy/elasticsearch-template.test.ts test/detections`.split(/\s+/);

function inTree(command: string): string {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', command], {
    cwd: TREE,
    encoding: 'utf8',
    env: { ...env, NODE_OPTIONS: '--experimental-vm-modules' },
  });
  return status === 0 ? '' : `${stdout}${stderr}`.slice(-6_000);
}

beforeAll(() => {
  for (const name of COPIED) {
    const from = join(ROOT, name);
    if (existsSync(from)) cpSync(from, join(TREE, name), { recursive: true });
  }
  for (const name of ['node_modules', 'scripts']) symlinkSync(join(ROOT, name), join(TREE, name));
});
afterAll(() => rmSync(TREE, { recursive: true, force: true }));

describe('a detection is added', () => {
  it('by one YAML file and one sample', () => {
    expect(existsSync(join(TREE, file))).toBe(false);
    writeFileSync(join(TREE, file), `${mapping}\n`);
    expect(inTree(sample?.text ?? 'false')).toBe('');
    const golden = file.replace('mappings/', 'test/golden/ecs/').replace('.yaml', '.json');
    const [document] = JSON.parse(readFileSync(join(TREE, golden), 'utf8')) as { stepsecurity: object }[];
    expect(document?.stepsecurity).toMatchObject({ disk: { device: '/dev/sda', bytes: 256_000_000_000 } });
    expect(document?.stepsecurity).not.toHaveProperty('unmapped');
    expect(document?.stepsecurity).not.toHaveProperty('parse_warnings');
  }, 120_000);

  // The page's command itself is run by readme-commands, too.
  (FULL ? it : it.skip)(
    'and every test of mappings and of what is deployed for them passes',
    () => {
      expect(inTree(`npx jest ${TESTS.join(' ')}`)).toBe('');
    },
    400_000,
  );
});
