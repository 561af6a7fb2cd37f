import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from '@jest/globals';
import { stringify } from 'yaml';
import { overridesOf } from '../../src/commands/flags.ts';
import { loadConfig } from '../../src/config/load.ts';
import { RENAMED, type Renamed, renamedIn } from '../../src/config/renamed.ts';
import { optionsOf } from './options-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'stepsecurity-siem-renamed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Tree = Readonly<Record<string, unknown>>;
const LEAST: Tree = { source: { type: 'file', path: '/in' }, sink: { type: 'ndjson' } };

/** A configuration with one value at a dotted path. */
function withOld({ section, type, old }: Renamed, value: unknown): Tree {
  const inner = old.split('.').reduceRight<unknown>((below, key) => ({ [key]: below }), value) as Tree;
  return { ...LEAST, [section]: { ...(type !== undefined && { type }), ...inner } };
}

function refusal(tree: Tree, flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}): string {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, stringify(tree));
  try {
    loadConfig(file, overridesOf({ set: flags }), env);
  } catch (error) {
    return String(error);
  }
  return 'taken';
}

const rows = RENAMED.map((row): [string, Renamed] => [
  `${row.section}(${row.type ?? 'any'}).${row.old}`,
  row,
]);

describe.each(rows)('%s', (_, row) => {
  const told = `${row.section}.${row.old}: renamed; use ${row.to ?? row.section}.${row.now}`;

  it('is answered with its new name, in the file, from the environment and in a flag', () => {
    expect(refusal(withOld(row, 'x'))).toContain(told);
    expect(refusal(withOld(row, '${OLD}'), [], { OLD: 'hunter2' })).toContain(told);
    expect(refusal(withOld(row, '${OLD}'), [], { OLD: 'hunter2' })).not.toContain('hunter2');
    const type = row.type === undefined ? [] : [`${row.section}.type=${row.type}`];
    expect(refusal(LEAST, [...type, `${row.section}.${row.old}=x`])).toContain(told);
  });

  it('has a new name that the schema knows, and an old one that it does not', () => {
    const known = (section: string, type?: string) => optionsOf(section, type).map(({ path }) => path);
    expect(row.to === undefined ? known(row.section, row.type) : known(row.to)).toContain(row.now);
    expect(known(row.section, row.type)).not.toContain(row.old);
  });
});

test('a name that another type of sink or source never had is only unknown', () => {
  expect(renamedIn({ sink: { type: 'ndjson', gzip: true }, source: 'x' })).toEqual([]);
  expect(refusal({ ...LEAST, sink: { type: 'ndjson', gzip: true } })).toContain('sink.gzip: unknown key');
});

test('values that changed with their option say what is expected', () => {
  const api = { type: 'api', api_key: 'k', owners: ['acme'] };
  expect(refusal({ ...LEAST, source: { ...api, request_timeout: 60 } })).toMatch(
    /source\.request_timeout: expected a duration with a unit: write 60s/,
  );
  expect(refusal({ ...LEAST, source: { ...api, request_timeout: '60s' } })).toBe('taken');
  const sink = { type: 'elasticsearch', urls: ['https://es.example'], compression: true };
  expect(refusal({ ...LEAST, sink })).toContain('sink.compression: expected gzip or none');
  expect(refusal({ ...LEAST, sink: { type: 'splunk_hec', url: 'https://s.example', gzip: true } })).toContain(
    'sink.gzip: renamed; use sink.compression: gzip, or none',
  );
});
