import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT, read } from '../markdown.ts';

/** Checks of a workflow that neither actionlint nor zizmor makes (deploy/check/workflows.sh). */

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly steps: readonly Step[];
  readonly permissions: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
}
const jobsOf = (name: string): Record<string, Job> =>
  (parse(read(`.github/workflows/${name}.yml`)) as { jobs: Record<string, Job> }).jobs;

const ci = jobsOf('ci');
const release = jobsOf('release');
const jobs = Object.entries({ ...ci, ...release });
const nodes = ci['node']?.strategy?.matrix.node ?? [];
const manifest = JSON.parse(read('package.json')) as {
  version: string;
  engines: { node: string };
  repository: { url: string };
  bugs: { url: string };
};

describe('the Node versions of CI', () => {
  const oldest = manifest.engines.node.replace('>=', '');

  it('start with the oldest that package.json allows, which the README names', () => {
    expect(nodes[0]).toBe(oldest);
    expect(read('README.md')).toContain(`Node.js ${oldest.replace(/\.0$/, '')} or later`);
  });

  it('include every line with long-term support: those have even numbers', () => {
    const lines = nodes.map((node) => Number(node.split('.')[0]));
    expect(lines).toEqual(lines.map((_, at) => Number(oldest.split('.')[0]) + 2 * at));
    expect(lines.at(-1)).toBe(26);
  });

  it('include the one that packs releases and that the image is built on', () => {
    const [, image] = /^ARG NODE_IMAGE=node:(\d+)-/m.exec(read('deploy/docker/Dockerfile')) ?? [];
    const packed = Object.values(release).flatMap(({ steps }) =>
      steps.flatMap((step) => step.with?.['node-version'] ?? []),
    );
    expect(new Set(packed)).toEqual(new Set([image]));
    expect(nodes).toContain(image);
    expect(read('.nvmrc').trim()).toBe(image);
  });

  it("run the README's commands", () => {
    const commands = ci['node']?.steps.map(({ run }) => run);
    for (const line of ['npm ci && npm run demo', 'npm test']) {
      expect(read('README.md')).toContain(`\n${line}\n`);
      expect(commands).toContain(line);
    }
  });
});

describe('the servers of CI', () => {
  const { services } = parse(read('compose.yaml')) as {
    services: Record<string, { image: string; ports: string[] }>;
  };
  const steps = ci['servers']?.steps ?? [];
  const started = /--wait ((?:\w+ ?)+)\n/.exec(steps.map(({ run }) => run).join('\n'))?.[1]?.split(' ') ?? [];

  it('are those of compose.yaml, each with an exact version', () => {
    expect(started).toHaveLength(3);
    expect(Object.keys(services)).toEqual(expect.arrayContaining(started));
    for (const { image } of Object.values(services))
      expect(image).toMatch(/:v?\d+\.\d+\.\d+(?:@sha256:[0-9a-f]{64})?$/);
  });

  it('are where the tests look for them', () => {
    const env = steps.find(({ run }) => run === 'npm run test:servers')?.env ?? {};
    const looked = Object.entries(env).flatMap(([name, value]) =>
      /_(?:URL|ENDPOINT)$/.test(name) ? [value] : [],
    );
    const served = started.flatMap((name) => services[name]?.ports ?? []);
    expect(looked.sort()).toEqual(served.map((port) => `http://${port.replace(/:\d+$/, '')}`).sort());
  });
});

describe('jobs', () => {
  it.each(jobs)('%s starts with Harden-Runner', (_, { steps }) => {
    expect(steps[0]?.uses).toMatch(/^step-security\/harden-runner@/);
  });

  it('use each action at one commit, with its version in a comment', () => {
    const lines = ['ci', 'release'].flatMap((name) =>
      [...read(`.github/workflows/${name}.yml`).matchAll(/uses: (.*)/g)].map(([, used = '']) => used),
    );
    for (const line of lines) expect(line).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const actions = new Set(lines.map((line) => line.split('@')[0]));
    expect(new Set(lines).size).toBe(actions.size);
  });

  it('may write only what they publish', () => {
    const writes = jobs.flatMap(([name, { permissions }]) =>
      Object.entries(permissions).flatMap(([what, may]) => (may === 'write' ? [`${name}: ${what}`] : [])),
    );
    expect(writes.sort()).toEqual([
      'chart: id-token',
      'chart: packages',
      'github: contents',
      'image: id-token',
      'image: packages',
      'npm: id-token',
    ]);
  });
});

describe('the repository', () => {
  it('has one address', () => {
    const [, address] = /^git\+(https:.*)\.git$/.exec(manifest.repository.url) ?? [];
    expect(manifest.bugs.url).toBe(`${address}/issues`);
    const forms = parse(read('.github/ISSUE_TEMPLATE/config.yml')) as { contact_links: { url: string }[] };
    expect(forms.contact_links.map(({ url }) => url)).toEqual([`${address}/security/advisories/new`]);
  });

  it('updates everything that has versions', () => {
    const { updates } = parse(read('.github/dependabot.yml')) as {
      updates: { 'package-ecosystem': string; directory: string }[];
    };
    expect(updates.map((one) => `${one['package-ecosystem']} ${one.directory}`)).toEqual([
      'npm /',
      'github-actions /',
      'docker /deploy/docker',
      'docker-compose /',
    ]);
  });

  it.each(['bug', 'feature', 'mapping'])(
    'the form %s asks for something, and names no field twice',
    (name) => {
      const form = parse(read(`.github/ISSUE_TEMPLATE/${name}.yml`)) as {
        name: string;
        description: string;
        body: { type: string; id?: string; attributes: { label?: string; options?: string[] } }[];
      };
      expect(form.description).toMatch(/\.$/);
      const asked = form.body.filter(({ type }) => type !== 'markdown');
      expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
      expect(asked.every(({ id, attributes: { label = '' } }) => id !== undefined && label !== '')).toBe(
        true,
      );
      expect(
        asked.map(({ type }) => type).filter((type) => !['input', 'textarea', 'dropdown'].includes(type)),
      ).toEqual([]);
    },
  );
});

describe('release notes', () => {
  const CHART = 'deploy/helm/stepsecurity-siem/Chart.yaml';
  const FILES = ['package.json', 'package-lock.json', 'CHANGELOG.md', CHART];
  const notes = (tag: string, folder = ROOT): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ['scripts/release-notes.js', tag, folder], { cwd: ROOT, encoding: 'utf8' });

  /** The files of a project, with one of them changed. */
  function project(path: string, change: (text: string) => string): string {
    const folder = mkdtempSync(join(tmpdir(), 'release-'));
    for (const file of FILES) cpSync(join(ROOT, file), join(folder, file), { recursive: true });
    writeFileSync(join(folder, path), change(readFileSync(join(folder, path), 'utf8')));
    return folder;
  }
  const TAG = `v${manifest.version}`;
  const HEADING = `## ${manifest.version}`;

  it("are those of this repository's version, which has some", () => {
    const { status, stdout, stderr } = notes(TAG);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.length).toBeGreaterThan(100);
    expect(stdout).not.toMatch(/^## /m);
  });

  it('end at the next version, and work under a heading with a date', () => {
    const text = `# Changes\n\n## 9.9.9\n\nlater\n\n${HEADING} (2026-11-27)\n\n- one\n\n### More\n\n- two\n\n## 0.0.9\n\nold\n`;
    const { stdout } = notes(
      TAG,
      project('CHANGELOG.md', () => text),
    );
    expect(stdout).toBe('- one\n\n### More\n\n- two\n');
  });

  it.each<[string, string, string?]>([
    ['v99.0.0', 'package.json is '],
    [manifest.version, 'a release is tagged v1.2.3'],
    ['', 'a release is tagged v1.2.3'],
    [`${TAG}-rc.1`, 'a release is tagged v1.2.3'],
    [TAG, 'CHANGELOG.md says nothing', project('CHANGELOG.md', (text) => text.replace(HEADING, '## 0.0.1'))],
    [TAG, 'CHANGELOG.md says nothing', project('CHANGELOG.md', () => `${HEADING}\n\n## 0.0.1\n\nold\n`)],
    [
      TAG,
      'Chart.yaml, appVersion is 0',
      project(CHART, (text) => text.replace(/appVersion: .*/, 'appVersion: 0')),
    ],
    [
      TAG,
      'package-lock.json is ',
      project('package-lock.json', (text) => text.replace(manifest.version, '0.0.1')),
    ],
  ])('%s: refused because %s', (tag, reason, folder = ROOT) => {
    const { status, stdout, stderr } = notes(tag, folder);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`release-notes: ${reason}`);
  });
});
