import { beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { VERSION } from '../../src/contracts/version.ts';
import { detectionRules, type Saved, savedObjects } from '../kibana/objects.ts';
import { builtPackage, type Package } from '../kibana/package.ts';
import { packageSpec } from '../kibana/package-spec.ts';
import { read } from '../markdown.ts';
import { describeWith, need } from '../services/require.ts';

const built = builtPackage();
const objects = (folder: string) =>
  built.paths
    .filter((path) => path.startsWith(`kibana/${folder}/`) && path.endsWith('.json'))
    .map((path) => [path, built.json(path) as Saved] as const);

const picture = z.strictObject({
  src: z.string().regex(/^\/img\/[\w-]+\.svg$/),
  title: z.string(),
  size: z.string().regex(/^\d+x\d+$/),
  type: z.literal('image/svg+xml'),
});
const manifest = z.strictObject({
  format_version: z.literal('3.6.6'),
  name: z.literal('stepsecurity_siem'),
  title: z.string(),
  version: z.literal(VERSION),
  type: z.literal('content'),
  description: z.string(),
  source: z.strictObject({ license: z.literal('Apache-2.0') }),
  categories: z.array(z.string()),
  conditions: z.strictObject({
    kibana: z.strictObject({ version: z.string() }),
    elastic: z.strictObject({
      subscription: z.string(),
      capabilities: z.array(z.literal('security')).min(1),
    }),
  }),
  discovery: z.strictObject({ datasets: z.array(z.strictObject({ name: z.string() })) }),
  icons: z.array(picture),
  screenshots: z.array(picture),
  owner: z.strictObject({ github: z.string().regex(/^[\w-]+$/), type: z.literal('community') }),
});

describe('the Fleet package', () => {
  test('has a manifest that lists its contents', () => {
    const { icons, screenshots } = manifest.parse(built.yaml('manifest.yml'));
    for (const { src, size } of [...icons, ...screenshots]) {
      const [width, height] = size.split('x');
      expect(built.text(src.slice(1))).toContain(` width="${width}" height="${height}"`);
    }
    for (const { title, src } of screenshots) {
      expect(title).toContain('not a screenshot');
      expect(built.text(src.slice(1))).toContain('Not a screenshot of Kibana.');
    }
    const [latest] = built.yaml('changelog.yml') as { version: string }[];
    expect(latest?.version).toBe(VERSION);
  });

  test('has all dashboards, searches and rules, under their own ids', () => {
    const idsOf = (type: string) => savedObjects.filter((one) => one.type === type).map(({ id }) => id);
    for (const [folder, ids] of [
      ['dashboard', idsOf('dashboard')],
      ['search', idsOf('search')],
      ['security_rule', detectionRules.map(({ rule_id }) => `${rule_id}_1`)],
    ] as const) {
      expect(objects(folder).map(([path]) => path)).toEqual(
        [...ids].sort().map((id) => `kibana/${folder}/${id}.json`),
      );
      for (const [path, { id }] of objects(folder)) expect(path).toBe(`kibana/${folder}/${id}.json`);
    }
  });

  test('refers only to its own objects and the data views of Fleet', () => {
    const own = [...objects('dashboard'), ...objects('search')].map(([, { type, id }]) => `${type} ${id}`);
    const known = new Set([...own, 'index-pattern logs-*', 'index-pattern metrics-*']);
    for (const [path, { references }] of [...objects('dashboard'), ...objects('search')]) {
      expect(references.filter(({ type, id }) => !known.has(`${type} ${id}`))).toEqual([]);
      expect(built.text(path)).not.toMatch(/stepsecurity_siem-(?:events|heartbeats)|console_url/);
    }
  });

  test("has rules in the form of Kibana's own prebuilt rules, without fields that only an import has", () => {
    for (const [, { type, attributes }] of objects('security_rule')) {
      expect(type).toBe('security-rule');
      expect(Object.keys(attributes)).not.toContain('enabled');
      expect(attributes).toMatchObject({ version: 1, license: 'Apache-2.0' });
    }
  });

  test('has the same name in the documentation as when it is built', () => {
    expect(read('docs/elastic.md')).toContain(`@build/${built.name}.tar.gz`);
  });

  test('is the same bytes every time', () => {
    expect(builtPackage().archive.equals(built.archive)).toBe(true);
  });
});

/**
 * `go mod download -json github.com/elastic/package-spec/v3@v3.6.6` prints where it is; the schemas are in its folder
 * `spec`.
 */
describeWith(['PACKAGE_SPEC'], 'the Fleet package, checked with the schemas that Elastic publishes', () => {
  let problems: (one: Package) => string[] = () => [];
  beforeAll(() => {
    problems = packageSpec(need('PACKAGE_SPEC'));
  });

  test('is valid', () => {
    expect(problems(built)).toEqual([]);
  });

  test.each<[string, Partial<Package>, string]>([
    ['an extra file', { paths: [...built.paths, 'fields.yml'] }, 'fields.yml: not allowed'],
    [
      'a missing file',
      { paths: built.paths.filter((path) => path !== 'docs/README.md') },
      'docs/: no README.md',
    ],
    [
      'a member that no manifest has',
      { yaml: (path) => ({ ...(built.yaml(path) as object), ...(path === 'manifest.yml' && { vars: [] }) }) },
      'manifest.yml must NOT have additional properties',
    ],
  ])('%s is found', (_, change, problem) => {
    expect(problems({ ...built, ...change })).toContain(problem);
  });
});
