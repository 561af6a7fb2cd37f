import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, test } from '@jest/globals';
import { absentOf, offer, takeSecrets } from '../../src/commands/init/offer.ts';
import { answersOf } from '../../src/commands/init/questions.ts';
import { loadConfig } from '../../src/config/load.ts';
import { commandLine } from '../command-line.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const elastic = ['--elasticsearch', 'https://elastic.example:9200'];

test.each<[string, string[], object]>([
  [
    'a bucket into Elasticsearch',
    ['--s3', 's3://example/detections/{{.Year}}/', ...elastic],
    {
      source: { type: 's3', bucket: 'example', prefixes: ['detections/{{.Year}}/'], start: 'beginning' },
      sink: { type: 'elasticsearch', urls: ['https://elastic.example:9200'] },
    },
  ],
  [
    'the API into Splunk',
    ['--owner', 'acme', '--owner', 'acme-labs', '--splunk', 'https://splunk.example:8088'],
    {
      source: { type: 'api', owners: ['acme', 'acme-labs'] },
      sink: { type: 'splunk_hec', url: 'https://splunk.example:8088' },
    },
  ],
  [
    'another S3 server',
    ['--s3', 'example', '--endpoint', 'https://s3.example', '--start', 'now', ...elastic],
    { source: { endpoint: 'https://s3.example', force_path_style: true, start: 'now' } },
  ],
  ['a folder with unusual characters', ['--file', "it's: #1/", ...elastic], { source: { type: 'file' } }],
])('writes a configuration that loads: %s', async (_, flags, expected) => {
  const { code, out } = await commandLine(['init', ...flags], { cwd: folder, env: { AWS_REGION: '' } });
  expect(code).toBe(0);
  const path = join(folder, 'stepsecurity-siem.yaml');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(loadConfig(path, [])).toMatchObject(expected);
  expect(loadConfig(path, []).state).toEqual({ type: 'file', path: join(folder, 'state') });
  expect(out).toContain(`Wrote ${path}`);
  const [, schema = ''] = /^# yaml-language-server: \$schema=(\/.+)\n/.exec(readFileSync(path, 'utf8')) ?? [];
  expect(JSON.parse(readFileSync(schema, 'utf8'))).toMatchObject({ $id: 'urn:stepsecurity-siem:config' });
  expect(out).toContain('  stepsecurity-siem check\n');
});

it('overwrites nothing', async () => {
  const args = ['init', '--file', 'in', ...elastic];
  await commandLine(args, { cwd: folder });
  const before = readFileSync(join(folder, 'stepsecurity-siem.yaml'), 'utf8');
  const { code, err } = await commandLine(args, { cwd: folder });
  expect(code).toBe(2);
  expect(err).toContain('already exists and is left unchanged');
  expect(readFileSync(join(folder, 'stepsecurity-siem.yaml'), 'utf8')).toBe(before);
});

it('names the missing flag when nobody can be asked', async () => {
  const { code, err } = await commandLine(['init', '--file', 'in', '--splunk'], { cwd: folder });
  expect({ code, err }).toMatchObject({ code: 2 });
  const { err: missing } = await commandLine(['init', ...elastic], { cwd: folder });
  expect(missing).toMatch(
    /^--s3, --owner or --file: missing; give it, or answer the questions in a terminal/,
  );
});

test.each<[string, string[], string]>([
  ['two sources', ['--file', 'in', '--s3', 'example', ...elastic], '--s3 and --file: give only one'],
  [
    'two sinks',
    ['--file', 'in', ...elastic, '--splunk', 'https://s.example'],
    '--elasticsearch and --splunk',
  ],
  [
    'an option that does not apply',
    ['--file', 'in', '--region', 'x', ...elastic],
    '--region: only has an effect with --s3',
  ],
  ['no URL', ['--file', 'in', '--elasticsearch', 'localhost:9200'], '--elasticsearch: expected a URL'],
  [
    'an invalid time',
    ['--s3', 'example', '--start', 'yesterday', ...elastic],
    '--start: expected beginning, now',
  ],
  ['no such day', ['--s3', 'example', '--start', '2026-13-41', ...elastic], 'source.start'],
  ['credentials in the URL', ['--file', 'in', '--splunk', 'https://me:word@s.example'], 'sink.url'],
])('writes nothing for %s, and says what is wrong', async (_, flags, complaint) => {
  const { code, err } = await commandLine(['init', ...flags], { cwd: folder });
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(complaint) });
  expect(readdirSync(folder)).toEqual([]);
});

it('creates the files it names next to the configuration', async () => {
  const output = join(folder, 'etc', 'siem.yaml');
  mkdirSync(dirname(output));
  const { out } = await commandLine(['init', '--file', '~/in', ...elastic, '--output', output], {
    cwd: folder,
  });
  const { source, sink, state } = loadConfig(output, []);
  expect(source).toMatchObject({ path: join(homedir(), 'in') });
  expect(sink).toMatchObject({ api_key_file: join(folder, 'etc', 'elasticsearch-key') });
  expect(state).toMatchObject({ path: join(folder, 'etc', 'siem-state') });
  expect(out).toContain(`  stepsecurity-siem run --config ${output}\n`);
});

it('asks for what no flag gives, and takes an empty answer as the default', async () => {
  const asked: string[] = [];
  const replies = ['bucket', 'api', ' ', 'acme, acme-labs', '', 'splunk', 'https://splunk.example:8088'];
  const answers = await answersOf({ output: 'x' }, async (question, standard) => {
    asked.push(question);
    const reply = replies.shift() ?? '';
    return reply === '' ? (standard ?? '') : reply;
  });
  expect(answers.source).toMatchObject({ type: 'api', owners: ['acme', 'acme-labs'] });
  expect(answers.sink).toMatchObject({ type: 'splunk_hec', url: 'https://splunk.example:8088' });
  expect(asked.slice(0, 2)).toEqual([
    'Where are the detections: s3, api or file',
    'expected s3, api or file\nWhere are the detections: s3, api or file',
  ]);
  expect(asked[2]).toBe(asked[3]);
});

/** A person at a terminal who gives these answers. */
function person(secrets: string[], replies: string[]) {
  const said: string[] = [];
  const next = (from: string[]) => async (question: string, standard?: string) => {
    said.push(question);
    return from.shift() ?? standard ?? '';
  };
  return { said, ask: next(replies), secret: next(secrets), close: () => said.push('closed') };
}

it('writes secrets to files of their own, and asks for no other', async () => {
  const files = ['a', 'b', 'c'].map((name) => ({ path: join(folder, name), what: `secret ${name}` }));
  writeFileSync(join(folder, 'a'), 'before');
  const { said, ...dialogue } = person([' word ', ''], []);
  await takeSecrets(files, dialogue);
  expect(said).toHaveLength(2);
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('before');
  expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('word\n');
  expect(statSync(join(folder, 'b')).mode & 0o777).toBe(0o600);
  expect((await absentOf(files)).map(({ what }) => what)).toEqual(['secret c']);
});

test.each<['elasticsearch' | 'splunk_hec', string[], number, string[][]]>([
  ['elasticsearch', [], 0, [['check']]],
  ['elasticsearch', ['y', 'n'], 0, [['setup']]],
  ['elasticsearch', ['yes', 'y'], 2, [['setup']]],
  ['splunk_hec', [], 0, [['setup', '--print'], ['check']]],
  ['splunk_hec', ['n', 'n'], 0, []],
])('offers %s to set up and check everything: %j, exit code %d', async (sink, replies, code, expected) => {
  const { said, ...dialogue } = person([], [...replies]);
  const started: string[][] = [];
  await offer(sink, [], dialogue, async (args) => {
    expect(said.at(-1)).toBe('closed');
    started.push([...args]);
    return code;
  });
  expect(started).toEqual(expected);
});
