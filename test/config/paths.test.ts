import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load.ts';
import { type Override } from '../../src/config/override.ts';

const folder = mkdtempSync(join(tmpdir(), 'stepsecurity-siem-paths-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'config.yaml');

function load(text: string, overrides: readonly Override[] = [], env: NodeJS.ProcessEnv = {}) {
  writeFileSync(file, text);
  return loadConfig(file, overrides, env);
}

test('paths in the file are relative to its folder, wherever it is used from', () => {
  const config = load(`
source: { type: file, path: export/**/*.json }
sink: { type: elasticsearch, urls: ['http://es.example'], api_key_file: run-key, ca_file: ../ca.pem }
state: { type: file, path: ./state }
dead_letters: { store: { type: file, path: letters } }
mapping: { path: mappings }
labels: { path: services/shop, dir: left }
metrics: { textfile: m/siem.prom }
ping: { url_file: ping-url }
`);
  expect(config).toMatchObject({
    source: { path: join(folder, 'export/**/*.json') },
    sink: { api_key_file: join(folder, 'run-key'), ca_file: join(folder, '../ca.pem') },
    state: { path: join(folder, 'state') },
    dead_letters: { store: { path: join(folder, 'letters') } },
    mapping: { path: join(folder, 'mappings') },
    labels: { path: 'services/shop', dir: 'left' },
    metrics: { textfile: join(folder, 'm/siem.prom') },
    ping: { url_file: join(folder, 'ping-url') },
  });
});

test('paths in flags are relative to the working directory', () => {
  const config = load('source: { type: file, path: export }\nsink: { type: ndjson, path: out }\n', [
    { path: ['sink'], value: { type: 'ndjson', path: 'docs/' } },
    { path: ['state'], value: { type: 'file', path: 'state' } },
    { path: ['mapping', 'path'], value: 'mappings' },
  ]);
  expect(config).toMatchObject({
    source: { path: join(folder, 'export') },
    sink: { path: `${resolve('docs')}/` },
    state: { path: resolve('state') },
    mapping: { path: resolve('mappings') },
  });
});

test('an absolute path, a path from the environment, and a value that is not a path stay as they are', () => {
  const config = load(
    "source: { type: file, path: '-' }\nsink: { type: ndjson, path: '${OUT}' }\nstate: { type: file, path: /var/state }\n",
    [],
    { OUT: 'out/' },
  );
  expect(config).toMatchObject({
    source: { path: '-' },
    sink: { path: `${join(folder, 'out')}/` },
    state: { path: '/var/state' },
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly type?: string;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

/** Every text option with its description. */
function* optionsOf(schema: Schema): Generator<readonly [key: string, description: string]> {
  for (const [key, member] of Object.entries(schema.properties ?? {})) {
    if (member.type === 'string') yield [key, member.description ?? ''];
    yield* optionsOf(member);
  }
  for (const member of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) yield* optionsOf(member);
}

test('every option for a file or folder has a name that makes its path absolute', () => {
  const schema = JSON.parse(readFileSync('schemas/config.schema.json', 'utf8')) as Schema;
  const options = [...optionsOf(schema)];
  const named = options.filter(([, description]) => /^(?:A |PEM )?(?:file|folder)\b/i.test(description));
  expect(named.length).toBeGreaterThan(10);
  const other = named.filter(([key]) => !/^(?:path|textfile|.+_file)$/.test(key) && key !== 'type');
  expect(other).toEqual([]);
});
