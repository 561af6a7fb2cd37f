import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import { ndjson } from '../../../src/sinks/ndjson/index.ts';
import { documentsOf, sinkContract, testContext, testDocument } from '../../contract/sink.ts';

const root = mkdtempSync(join(tmpdir(), 'ndjson-'));
let count = 0;
const fresh = (suffix: string): string => join(root, `${(count += 1)}${suffix}`);
const live = new AbortController().signal;
const open = (path: string) => ndjson.create(ndjson.schema.parse({ path }), { ...testContext() });

afterAll(() => rmSync(root, { recursive: true }));

function linesIn(path: string): { id: string }[] {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as { id: string });
}

const idsIn = (path: string): string[] => linesIn(path).map(({ id }) => id);
const filesOf = (folder: string): string[] => readdirSync(folder).map((file) => join(folder, file));

let current = '';
sinkContract({
  name: 'ndjson, a file',
  schema: 'ecs',
  repeatIsHarmless: false,
  open: async () => {
    current = fresh('/deep/out.ndjson');
    return open(current);
  },
  stored: async () => idsIn(current),
  contents: async () => linesIn(current),
});

sinkContract({
  name: 'ndjson, a folder',
  schema: 'ecs',
  repeatIsHarmless: false,
  open: async () => {
    current = fresh('/');
    return open(current);
  },
  stored: async () => filesOf(current).flatMap(idsIn),
  contents: async () => filesOf(current).flatMap(linesIn),
});

it('cannot write below a file', async () => {
  const path = fresh('.ndjson');
  await (await open(path)).write(documentsOf(1), live);
  await expect(async () => open(join(path, 'below', 'x.ndjson'))).rejects.toThrow(ConfigError);
});

it('stops the run when its folder disappears', async () => {
  const path = fresh('/gone/out.ndjson');
  const sink = await open(path);
  rmSync(join(path, '..'), { recursive: true });
  await expect(sink.probe?.(live)).rejects.toThrow(UnavailableError);
  await expect(sink.write(documentsOf(1), live)).rejects.toThrow(UnavailableError);
});

it('has nothing to probe on standard output', async () => {
  expect(await open('-')).not.toHaveProperty('probe');
});

it('writes each kind to its own file, whatever its name', async () => {
  const path = fresh('/');
  const sink = await open(path);
  await sink.write(
    [testDocument('a'), testDocument('b', { kind: '../../Odd Kind' }), testDocument('c', { kind: '…' })],
    live,
  );
  expect(readdirSync(path).sort()).toEqual(['-odd-kind.ndjson', 'domain-blocked.ndjson', 'other.ndjson']);
});

it('starts a new line after a document that a kill truncated', async () => {
  const path = fresh('.ndjson');
  writeFileSync(path, '{"id":"whole"}\n{"id":"bro');
  const sink = await open(path);
  await sink.write([testDocument('next')], live);
  await sink.write([testDocument('last')], live);
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(lines).toHaveLength(5);
  expect(lines.slice(0, 2)).toEqual(['{"id":"whole"}', '{"id":"bro']);
  expect(lines.slice(2, 4).map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['next', 'last']);
});
