import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mapFiles } from '../../../src/commands/map/map-files.ts';
import { defaultShaping } from '../../../src/config/shaping.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'own-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const KIND = `
detection: Disk-Wiped
title: Disk Wiped
group: process
category: [intrusion_detection, process]
type: [start]
severity: high
cim: { model: Alerts.Alerts }
`;

async function map(
  ecs: string,
  explain = false,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  writeFileSync(join(dir, 'disk-wiped.yaml'), `${KIND}ecs: ${ecs}\n`);
  const records = ['windows', 'plan9', 'plan9'].map((os) => JSON.stringify({ id: 'Disk-Wiped', os }));
  writeFileSync(join(dir, 'records.ndjson'), records.join('\n'));
  const shaping = defaultShaping();
  let out = '';
  let err = '';
  const code = await mapFiles({
    shaping: { ...shaping, mapping: { ...shaping.mapping, path: dir } },
    files: [join(dir, 'records.ndjson')],
    schema: 'ecs',
    ...(explain && { explain: { screen: undefined } }),
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

it('maps with your own mapping', async () => {
  const { code, out, err } = await map('{ stepsecurity.disk.os: $payload.os }');
  expect({ code, err, lines: out.trimEnd().split('\n').length }).toEqual({ code: 0, err: '', lines: 3 });
  expect(out).toContain('"disk":{"os":"windows"}');
});

it.each([false, true])('maps everything, and ends with each error once (explain: %j)', async (explain) => {
  const { code, out, err } = await map('{ host.os.type: $payload.os, host_name: $id }', explain);
  const file = join(dir, 'disk-wiped.yaml');
  expect({ code, err }).toEqual({
    code: 2,
    err: `${file}:9: host_name: unknown field; put fields that are not in ECS under stepsecurity\n${file}:9: host.os.type: plan9 is not allowed\n`,
  });
  expect(out.match(/plan9/g)?.length).toBeGreaterThan(1);
});
