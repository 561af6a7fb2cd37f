import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { ROOT } from './markdown.ts';

/** A new source and a new sink are a folder and a line of the registry each: nothing else of the program is touched. */

const home = mkdtempSync(join(tmpdir(), 'seams-'));
afterAll(() => rmSync(home, { recursive: true }));

const SOURCE = `
import { z } from 'zod';
import type { SourceComponent } from '../../contracts/source.ts';

const schema = z.strictObject({ type: z.literal('memory'), texts: z.array(z.string()) });

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
import { z } from 'zod';
import type { SinkComponent } from '../../contracts/sink.ts';

const schema = z.strictObject({ type: z.literal('shout') });

export const shout = {
  schema,
  name: () => 'shout',
  identify: () => 'shout',
  shape: () => ({ schema: 'cim' }),
  repeats: 'it is shouted once more',
  create: () => ({
    async write(documents) {
      for (const { json } of documents) process.stdout.write(\`\${json.toString()}\\n\`);
      return documents.map(() => ({ fate: 'delivered' }) as const);
    },
  }),
} satisfies SinkComponent<z.output<typeof schema>>;
`;

/** Adds a folder with one file, and the line of its registry. */
function add(kind: 'sources' | 'sinks', name: string, code: string): void {
  mkdirSync(join(home, 'src', kind, name));
  writeFileSync(join(home, 'src', kind, name, 'index.ts'), code);
  const registry = join(home, 'src', kind, 'index.ts');
  const text = readFileSync(registry, 'utf8');
  const grown = text.replace(/^(const (?:SOURCES|SINKS) = \{.*) \};$/m, `$1, ${name} };`);
  expect(grown).not.toBe(text);
  writeFileSync(registry, `import { ${name} } from './${name}/index.ts';\n${grown}`);
}

it('a source and a sink are added with a folder and a line each', async () => {
  for (const name of ['src', 'mappings', 'samples', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(ROOT, name), join(home, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  add('sources', 'memory', SOURCE);
  add('sinks', 'shout', SINK);
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: home });

  const sample = readFileSync(join(home, 'samples/domain-blocked.json'), 'utf8');
  const config = {
    source: { type: 'memory', texts: [sample, 'no JSON'] },
    sink: { type: 'shout' },
    state: { type: 'file', path: join(home, 'state') },
  };
  writeFileSync(join(home, 'config.yaml'), JSON.stringify(config));
  const args = ['dist/cli.js', 'run', '--config', 'config.yaml'];
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: home, encoding: 'utf8' });
  const [first = '', ...others] = stdout.trimEnd().split('\n');
  expect(status).toBe(3);
  expect(JSON.parse(others.at(-1) ?? '')).toMatchObject({
    source: 'memory',
    sink: 'shout',
    read: 4,
    delivered: 3,
    dead_lettered: 1,
  });
  expect(JSON.parse(first)).toMatchObject({ app: 'stepsecurity' });
}, 60_000);
