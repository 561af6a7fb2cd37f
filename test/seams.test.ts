import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { FULL } from './full.ts';
import { ROOT } from './markdown.ts';
import { QUICK_START } from './quick-start.ts';

/**
 * Adding a source or a sink takes a folder and one line of the registry, and so does adding a schema, plus its name: no
 * other part of the program changes.
 */

const home = mkdtempSync(join(tmpdir(), 'seams-'));
afterAll(() => rmSync(home, { recursive: true }));

const SOURCE = `
import * as z from 'zod';
import type { SourceComponent } from '../../contracts/source.ts';

const schema = z.strictObject({ type: z.literal('memory'), texts: z.array(z.string()).describe('One JSON text each.') });

export const memory = {
  schema,
  name: () => 'memory',
  label: () => 'memory',
  identify: ({ texts }) => \`memory \${texts.length}\`,
  create: ({ texts }) => ({
    async *read() {
      const origin = { source: 'memory', uri: 'memory:' };
      const records = texts.map((text, offset) => ({ text, origin, offset }));
      yield { records, bytes: texts.join('').length, ack: () => undefined };
    },
    progress: () => new Map<string, Buffer>(),
  }),
} satisfies SourceComponent<z.output<typeof schema>>;
`;

const SINK = `
import * as z from 'zod';
import type { SinkComponent } from '../../contracts/sink.ts';

const schema = z.strictObject({ type: z.literal('shout') });

export const shout = {
  schema,
  name: () => 'shout',
  identify: () => 'shout',
  shape: () => ({ schema: 'flat' }),
  repeats: 'it is shouted once more',
  create: () => ({
    async write(documents) {
      for (const { json } of documents) process.stdout.write(\`\${json.toString()}\\n\`);
      return documents.map(() => ({ fate: 'delivered' }) as const);
    },
  }),
} satisfies SinkComponent<z.output<typeof schema>>;
`;

const SCHEMA = `
import { toDocument } from '../../document.ts';
import { type Fields, fields } from '../../language.ts';
import type { Writer } from '../../writer/index.ts';
import type { OutputSchema } from '../schema.ts';

export const flat = {
  kind: fields.default({}),
  common: fields,
  compile(mappings, { reason, writers }) {
    const byKind = new Map<string, Writer>();
    for (const { detection, flat } of [...mappings.kinds, mappings.unknown])
      byKind.set(detection, writers.compile({ ...mappings.common.flat, ...flat }, { reason }));
    return (detection) => [toDocument(detection, (byKind.get(detection.profile.kind) as Writer)(detection))];
  },
  reads: ({ common }, file) => ({ ...common.flat, ...file.flat }),
  sections: ({ common }, file) => [
    { in: 'common', keys: ['flat'], fields: common.flat },
    { in: 'kind', keys: ['flat'], fields: file.flat },
  ],
  verbatim: [],
  shown: { sentence: 'title', fields: ['title'] },
} satisfies OutputSchema<'flat', Fields, Fields>;
`;

/** The same for a schema: its name goes into a list that loads no code, with the field of its uid. */
function addSchema(name: string, code: string): void {
  const schemas = 'src/mapping/schemas';
  mkdirSync(join(home, schemas, name));
  write(`${schemas}/${name}/index.ts`, code);
  edit(`${schemas}/index.ts`, / \} satisfies/, `, ${name} } satisfies`);
  edit(`${schemas}/index.ts`, /^/, `import { ${name} } from './${name}/index.ts';\n`);
  edit('src/contracts/schema.ts', /'\] as const/, `', '${name}'] as const`);
  edit('src/contracts/schema.ts', /: 'id' \}/, `: 'id', ${name}: 'uid' }`);
  edit('mappings/_common.yaml', /$/, `\n${name}:\n  uid: $uid\n  title: $name\n`);
}

/** As the package is built; the full suite also runs all type checks. */
function build(): void {
  const run = (program: string, ...args: readonly string[]) => execFileSync(program, args, { cwd: home });
  if (FULL) run(join(ROOT, 'node_modules/.bin/tsc'), '--noEmit', '-p', 'tsconfig.build.json');
  for (const script of ['bundle', 'parse-mappings']) run(process.execPath, `scripts/${script}.js`);
}

function edit(path: string, place: RegExp, text: string): void {
  const before = readFileSync(join(home, path), 'utf8');
  const after = before.replace(place, () => text);
  expect(after).not.toBe(before);
  write(path, after);
}

function write(path: string, text: string): void {
  writeFileSync(join(home, path), text);
}

/** Adds a folder with one file, and its line in the registry. */
function add(kind: 'sources' | 'sinks', name: string, code: string): void {
  mkdirSync(join(home, 'src', kind, name));
  write(`src/${kind}/${name}/index.ts`, code);
  edit(`src/${kind}/index.ts`, /(?<=^const (?:SOURCES|SINKS) = \{)/m, ` ${name},`);
  edit(`src/${kind}/index.ts`, /^/, `import { ${name} } from './${name}/index.ts';\n`);
}

it('adding a source, a sink or a schema takes a folder and a line', async () => {
  for (const name of [
    'src',
    'mappings',
    'facts',
    'samples',
    'scripts',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ])
    cpSync(join(ROOT, name), join(home, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  add('sources', 'memory', SOURCE);
  add('sinks', 'shout', SINK);
  addSchema('flat', SCHEMA);
  build();

  const sample = readFileSync(join(home, 'samples/domain-blocked.json'), 'utf8');
  const config = {
    source: { type: 'memory', texts: [sample, 'no JSON'] },
    sink: { type: 'shout' },
    state: { type: 'file', path: join(home, 'state') },
  };
  writeFileSync(join(home, 'config.yaml'), JSON.stringify(config));
  const args = ['dist/cli.js', 'run', '--config', 'config.yaml'];
  const { stdout, status } = spawnSync(process.execPath, [...QUICK_START, ...args], {
    cwd: home,
    encoding: 'utf8',
  });
  const [first = '', ...others] = stdout.trimEnd().split('\n');
  expect(status).toBe(3);
  expect(JSON.parse(others.at(-1) ?? '')).toMatchObject({
    source: 'memory',
    sink: 'shout',
    read: 4,
    delivered: 3,
    dead_lettered: 1,
  });
  expect(JSON.parse(first)).toEqual({
    uid: expect.stringMatching(/^[0-9a-f]{64}$/),
    title: expect.any(String),
    reason: expect.any(String),
  });
  const mapping = ['dist/cli.js', 'map', '--to', 'flat', 'samples/domain-blocked.json'];
  expect(
    spawnSync(process.execPath, [...QUICK_START, ...mapping], { cwd: home, encoding: 'utf8' }).stdout,
  ).toContain(first);
});
