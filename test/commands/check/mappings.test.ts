import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkMappings } from '../../../src/commands/check/mappings.ts';
import { loadRoute } from '../../../src/config/route.ts';
import { MAPPINGS_DIR } from '../../../src/mapping/folders.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'own-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const KIND = `
detection: New-Kind
title: New Kind
group: network
category: [intrusion_detection]
type: [info]
severity: low
cim: { model: Alerts.Alerts }
`;
function found(path: string | undefined, sink: object = { type: 'ndjson' }): string[] {
  const given = { source: { type: 'file', path: '-' }, sink, ...(path && { mapping: { path } }) };
  const route = loadRoute(
    undefined,
    Object.entries(given).map(([key, value]) => ({ path: [key], value })),
  );
  return [...checkMappings(route)].map(({ status, detail }) => `${status}: ${detail}`);
}

describe('checkMappings', () => {
  it('says which file adds a kind and which one replaces a kind', () => {
    writeFileSync(join(dir, 'new-kind.yaml'), KIND);
    const shell = readFileSync(join(MAPPINGS_DIR, 'reverse-shell.yaml'), 'utf8');
    writeFileSync(join(dir, 'reverse-shell.yaml'), shell.replace('severity: critical', 'severity: high'));
    expect(found(dir)).toEqual([
      expect.stringMatching(new RegExp(`^ok: \\d+ kinds are known, with 2 of ${dir}$`)),
      `ok: new-kind.yaml of ${dir} is added`,
      `ok: reverse-shell.yaml of ${dir} replaces the built-in file`,
    ]);
  });

  it('finds errors in a file that loads', () => {
    writeFileSync(join(dir, 'new-kind.yaml'), `${KIND}ecs: { host_name: x }\n`);
    expect(found(dir).at(-1)).toBe(
      `failed: ${join(dir, 'new-kind.yaml')}:9: host_name: unknown field; put fields that are not in ECS under stepsecurity`,
    );
  });

  it('finds errors in the documents it makes of our samples', () => {
    const shell = readFileSync(join(MAPPINGS_DIR, 'reverse-shell.yaml'), 'utf8');
    const file = join(dir, 'reverse-shell.yaml');
    writeFileSync(file, `${shell}ecs: { host.os.type: $process.name }\n`);
    expect(found(dir).at(-1)).toMatch(
      new RegExp(`^failed: ${file}:\\d+: host.os.type: \\S+ is not allowed$`),
    );
    writeFileSync(file, shell.replace(/^ {2}fields:$/m, '  fields:\n    severity: $process.name'));
    const splunk = { type: 'splunk_hec', url: 'https://splunk.example:8088', token: 't' };
    expect(found(dir).at(-1)).toMatch(/^ok: /);
    expect(found(dir, splunk).at(-1)).toMatch(
      new RegExp(`^failed: ${file}:\\d+: severity: \\S+ is not allowed$`),
    );
  });

  it('reports nothing about the mappings of the package', () => {
    expect(found(undefined)).toEqual([expect.stringMatching(/^ok: \d+ kinds are known$/)]);
  });
});
