import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, test } from '@jest/globals';
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
    { source: { endpoint: 'https://s3.example', force_path_style: true, start: 'now', prefixes: [''] } },
  ],
  ['a folder with odd letters', ['--file', "it's: #1/", ...elastic], { source: { type: 'file' } }],
])('writes a configuration that loads: %s', async (_, flags, expected) => {
  const { code, out } = await commandLine(['init', ...flags], { cwd: folder, env: { AWS_REGION: '' } });
  expect(code).toBe(0);
  const path = join(folder, 'stepsecurity-siem.yaml');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(loadConfig(path, [])).toMatchObject(expected);
  expect(loadConfig(path, []).state).toEqual({ type: 'file', path: join(folder, 'state') });
  expect(out).toContain(`Wrote ${path}`);
  expect(out).toContain('  stepsecurity-siem check\n');
});

it('overwrites nothing', async () => {
  const args = ['init', '--file', 'in', ...elastic];
  await commandLine(args, { cwd: folder });
  const before = readFileSync(join(folder, 'stepsecurity-siem.yaml'), 'utf8');
  const { code, err } = await commandLine(args, { cwd: folder });
  expect(code).toBe(2);
  expect(err).toContain('is there already and stays as it is');
  expect(readFileSync(join(folder, 'stepsecurity-siem.yaml'), 'utf8')).toBe(before);
});

it('names the flag where nobody can be asked', async () => {
  const { code, err } = await commandLine(['init', '--file', 'in', '--splunk'], { cwd: folder });
  expect({ code, err }).toMatchObject({ code: 2 });
  const { err: missing } = await commandLine(['init', ...elastic], { cwd: folder });
  expect(missing).toMatch(/^--s3: missing; give it, or answer questions in a terminal/);
});

it('asks for what no flag says, and takes an empty answer for what it offers', async () => {
  const asked: string[] = [];
  const replies = ['api', ' ', 'acme, acme-labs', '', 'splunk', 'https://splunk.example:8088'];
  const answers = await answersOf({ output: 'x' }, async (question, standard) => {
    asked.push(question);
    const reply = replies.shift() ?? '';
    return reply === '' ? (standard ?? '') : reply;
  });
  expect(answers.source).toMatchObject({ type: 'api', owners: ['acme', 'acme-labs'] });
  expect(answers.sink).toMatchObject({ type: 'splunk_hec', url: 'https://splunk.example:8088' });
  expect(asked[1]).toBe(asked[2]);
});
