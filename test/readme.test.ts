import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { ledgerSchema } from '../src/account/ledger.ts';
import { mapFiles } from '../src/commands/map/map-files.ts';
import { loadConfig } from '../src/config/load.ts';
import { routeOf } from '../src/config/route.ts';
import type { Config } from '../src/config/schema.ts';
import { defaultShaping } from '../src/config/shaping.ts';
import type { Schema } from '../src/contracts/schema.ts';
import type { Json, JsonObject } from '../src/contracts/types.ts';
import { kindFile } from '../src/mapping/files.ts';
import { type Block, blocks, prose, ROOT, read } from './markdown.ts';

/**
 * What the documents say about configuration, fields and files is true; readme-commands.test.ts runs their commands.
 */

const scratch = mkdtempSync(join(tmpdir(), 'stepsecurity-siem-readme-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const yaml = blocks.filter(({ language }) => language === 'yaml');
const isMapping = ({ text }: Block): boolean => /^# mappings\/\S+$/m.test(text);
/** deploy/check/kubernetes.sh renders it. */
const isOverlay = ({ text }: Block): boolean => text.startsWith('# kustomization.yaml\n');
const isExample = (block: Block): boolean =>
  !isMapping(block) && block.text.startsWith('# yaml-language-server');

/**
 * A block that shows a part is completed with the smallest source and sink; a block with a source is complete. None
 * needs an environment variable, since schedulers set none.
 */
function configOf(text: string): Config {
  const file = join(scratch, 'config.yaml');
  const part = parse(text) as JsonObject;
  const rest =
    part['source'] === undefined ? { source: { type: 'file', path: '-' }, sink: { type: 'ndjson' } } : {};
  writeFileSync(file, stringify({ ...rest, ...part }));
  return loadConfig(file, [], {});
}

describe('configuration', () => {
  const configs = yaml
    .filter((block) => !isMapping(block) && !isOverlay(block))
    .map((block): [string, Block] => [block.at, block]);

  it.each(configs)('%s is valid', (_, { text }) => {
    expect(() => configOf(text)).not.toThrow();
  });

  it.each(['config', 'splunk', 'sqs', 'api', 'webhook'])(
    '%s.yaml can be run once it is filled in',
    (name) => {
      const [text = ''] = yaml.map((block) => block.text).filter((one) => one.startsWith(`# ${name}.yaml\n`));
      const route = routeOf(configOf(text));
      // Where it continues or, for a queue, where its dead letters are.
      expect(route.config.state ?? route.config.dead_letters.store).toBeDefined();
    },
  );

  it('a wrong key in a block is found', () => {
    expect(() => configOf('pipeline: { concurency: 4 }')).toThrow('concurency');
  });

  it('shows the defaults where it says so', () => {
    const [text = ''] = yaml.filter(isExample).map((block) => block.text);
    const example = configOf(text);
    const { source, sink } = example;
    if (source.type !== 's3' || sink.type !== 'elasticsearch') throw new Error('another example');
    const least = configOf(
      stringify({
        source: {
          type: 's3',
          bucket: source.bucket,
          region: source.region,
          prefixes: source.prefixes,
          start: 'beginning',
        },
        sink: { type: 'elasticsearch', urls: sink.urls, api_key_file: sink.api_key_file },
      }),
    );
    const own = { state: null, filters: null, severity: null, labels: null };
    expect({ ...example, ...own }).toEqual({ ...least, ...own });
  });

  it('the example names every schema key that applies to it', () => {
    const [text = ''] = yaml.filter(isExample).map((block) => block.text);
    const schema = JSON.parse(read('schemas/config.schema.json')) as Node;
    const missing = keysOf(schema, ['s3', 'elasticsearch']).filter(
      (key) => !new RegExp(`\\b${key}:`).test(text),
    );
    // store: a separate state, described in words; resolved and suppressed: filters, listed below the example.
    const elsewhere = new Set(['store', 'kinds', 'owners', 'suppressed', 'resolved', 'session_name']);
    expect(missing.filter((key) => !elsewhere.has(key))).toEqual([]);
  });
});

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly oneOf?: readonly Node[];
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly const?: Json;
}

/** Names of options; for these types only if there are several. */
function keysOf(node: Node, types?: readonly string[]): string[] {
  const { type } = node.properties ?? {};
  if (typeof type?.const === 'string' && types?.includes(type.const) === false) return [];
  const inner = [
    ...(node.oneOf ?? []),
    ...(node.anyOf ?? []),
    ...(node.items === undefined ? [] : [node.items]),
  ];
  const own = Object.entries(node.properties ?? {}).flatMap(([key, value]) => [key, ...keysOf(value, types)]);
  return [...own, ...inner.flatMap((one) => keysOf(one, types))];
}

it('the mapping in the documents is valid', () => {
  const [block] = yaml.filter(isMapping);
  expect(() => kindFile.parse(parse(block?.text ?? ''))).not.toThrow();
});

it('ledgers in the documents are valid', () => {
  const shown = blocks.filter(({ language }) => language === 'json');
  expect(shown.length).toBeGreaterThan(0);
  for (const { text } of shown) ledgerSchema.parse(JSON.parse(text));
});

describe('before and after', () => {
  const rows = [...prose('README.md').matchAll(/^\| (.+) \| (.+) \| (.+) \|$/gm)].slice(1, 11);
  const sample = (): JsonObject => {
    const [line = ''] = read('samples/reverse-shell.ndjson').split('\n');
    return JSON.parse(line) as JsonObject;
  };
  const mapped = async (schema: Schema): Promise<JsonObject> => {
    let text = '';
    const out = (more: string | Uint8Array) => {
      text += Buffer.from(more).toString();
      return true;
    };
    const files = [join(ROOT, 'samples/reverse-shell.ndjson')];
    await mapFiles({ shaping: defaultShaping(), files, schema, out, err: out });
    return JSON.parse(text.split('\n', 1)[0] ?? '') as JsonObject;
  };
  const said = (column: number): [string, string][] =>
    rows.flatMap((row) =>
      [...(row[column] ?? '').matchAll(/`([^`:]+): ([^`]*)`/g)].map(
        ([, path = '', value = '']): [string, string] => [path, value],
      ),
    );

  it('shows what was exported', () => {
    const payload = sample();
    expect(said(1)).toHaveLength(6);
    for (const [path, value] of said(1)) expect([path, valueAt(payload, path)]).toEqual([path, value]);
  });

  it.each<[Schema, number, number]>([
    ['ecs', 2, 16],
    ['cim', 3, 13],
  ])('shows what it becomes in %s', async (schema, column, count) => {
    const document = await mapped(schema);
    expect(said(column)).toHaveLength(count);
    for (const [path, value] of said(column)) expect([path, valueAt(document, path)]).toEqual([path, value]);
  });
});

function valueAt(object: JsonObject, path: string): string {
  const value = path
    .replace('[]', '.0')
    .split('.')
    .reduce<Json | undefined>((node, key) => (node as Record<string, Json> | undefined)?.[key], object);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

it.each(yaml.filter(isExample).map(({ at, text }): [string, string] => [at, text]))(
  'the schema named in %s exists',
  (_, text) => {
    const [, schema = ''] = /\$schema=(\S+)/.exec(text) ?? [];
    expect(() => void JSON.parse(read(schema))).not.toThrow();
  },
);

it('every counter the program adds to is explained', () => {
  const [, table = ''] = read('docs/ledger.md').split('## Counters');
  const explained = [...table.matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name);
  // These two are at the top of the ledger.
  explained.push('doubled', 'possibly_duplicated');
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const added = sources.flatMap((name) =>
    [...read(`src/${name}`).matchAll(/\bmeter\??\.add\(([^;]*?)[,)];?/g)].flatMap(([, argument = '']) =>
      [...argument.matchAll(/'([a-z0-9_]+)'/g)].map(([, counter = '']) => counter),
    ),
  );
  expect(added.length).toBeGreaterThan(30);
  expect(added.filter((counter) => !explained.includes(counter))).toEqual([]);
});

it('the messages to look up in operations.md are those of the program', () => {
  const [, rows = ''] = /\| you see \|.*\n((?:\|.*\n)+)/.exec(read('docs/operations.md')) ?? [];
  const program = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`src/${name}`))
    .join('\n');
  const messages = [...rows.matchAll(/^\|[^|]*?`(\w+ [^`|]+)`/gm)].map(([, message = '']) => message);
  expect(messages.length).toBeGreaterThan(4);
  // What differs from case to case is a placeholder there.
  const unknown = messages.filter(
    (text) => !text.split(/…|\d+/).every((part) => program.includes(part.trim())),
  );
  expect(unknown).toEqual([]);
});

it('every warning about a detection is explained', () => {
  const [, table = ''] = read('docs/ledger.md').split('## Warnings');
  const explained = new Set([...table.matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name));
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const given = sources.flatMap((name) =>
    [...read(`src/${name}`).matchAll(/\bwarnings\??\.push\('([a-z0-9_]+)'/g)].map(([, code = '']) => code),
  );
  expect(given.length).toBeGreaterThan(10);
  expect(given.filter((code) => !code.startsWith('bad_') && !explained.has(code))).toEqual([]);
});
