import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from '@jest/globals';
import stringWidth from 'string-width';
import { type Explanation, explanationSchema } from '../../../src/commands/map/explanation.ts';
import { mapFiles } from '../../../src/commands/map/map-files.ts';
import { defaultShaping, type Shaping } from '../../../src/config/shaping.ts';
import type { Schema } from '../../../src/contracts/schema.ts';
import type { JsonObject } from '../../../src/contracts/types.ts';
import { SAMPLES_DIR } from '../../../src/session/samples.ts';
import { type Screen, screenOf } from '../../../src/terminal/screen.ts';
import { payloadOf, TOKENS } from '../../detections/harness.ts';
import { FULL, rows } from '../../full.ts';

const dir = mkdtempSync(join(tmpdir(), 'explanation-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Each sample costs a few dozen decodings. */
const SAMPLES = FULL ? SAMPLES_DIR : join(SAMPLES_DIR, '{secret-in-b,rev,th}*');
const shaping = defaultShaping();
const withMapping = (over: Partial<Shaping['mapping']>): Shaping => ({
  ...shaping,
  mapping: { ...shaping.mapping, ...over },
});

async function output(files: string, schema: Schema, screen?: Screen, by = shaping): Promise<string> {
  let out = '';
  let err = '';
  const code = await mapFiles({
    shaping: by,
    files: [files],
    schema,
    explain: { screen },
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  expect([code, err]).toEqual([0, '']);
  return out;
}
const explanationsOf = async (...args: Parameters<typeof output>): Promise<Explanation[]> =>
  (await output(...args))
    .trimEnd()
    .split('\n')
    .map((line) => explanationSchema.parse(JSON.parse(line)));

const payloadFile = (payload: JsonObject): string => {
  const path = join(dir, 'payload.json');
  writeFileSync(path, JSON.stringify(payload));
  return path;
};
const lineAt = ({ file, line }: { file: string; line: number }): string =>
  readFileSync(file, 'utf8').split('\n')[line - 1]?.trim() ?? '';

const fieldOf = ({ fields }: Explanation, name: string) => {
  const found = fields.find(({ field }) => field === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return { value: found.value, from: found.from, lines: found.rules.map(lineAt) };
};

describe.each<[Schema, Shaping['mapping']['cim_profile']]>(
  rows(2, [
    ['ecs', 'best_fit'],
    ['cim', 'fan_out'],
    ['cim', 'alerts_only'],
  ]),
)('%s (%s), for every sample', (schema, cim_profile) => {
  const all = explanationsOf(SAMPLES, schema, undefined, withMapping({ cim_profile }));

  it('names the line of each rule', async () => {
    const wrong: string[] = [];
    for (const { fields, kind } of await all) {
      for (const { field, rules } of fields) {
        const [rule] = rules;
        if (rule === undefined) continue;
        const line = lineAt(rule).replace(/^'([^']+)'/, '$1');
        const parts = field.split('.');
        const names = parts.map((_, at) => parts.slice(0, at + 1).join('.'));
        const isSentence = ['event.reason', 'description'].includes(field) && line.startsWith('- ');
        const isModel = field === 'cim_model' && /^(?:model: |[A-Z]\w+\.\w+:)/.test(line);
        const isStated = field === 'event.kind' && line.startsWith('event_kind: ');
        if (!isSentence && !isModel && !isStated && !names.some((name) => line.startsWith(`${name}:`)))
          wrong.push(`${kind} ${field}: ${line}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('leaves out what no rule writes', async () => {
    const own = (await all).flatMap(({ fields }) =>
      fields.filter(({ rules }) => rules.length === 0).map(({ field }) => field.split('.', 1)[0]),
    );
    const known = ['event', 'agent', 'data_stream', 'tags', 'mapper_version', 'labels', 'cim_model'];
    expect([...new Set(own)].filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });
});

const PAYLOAD = payloadOf('Reverse-Shell', {
  note: 'new',
  tool: '',
  process_events: [{ pid: '2569', exe: '/usr/bin/ncat', arguments: ['ncat', '-e', '/bin/sh'] }],
});
const shellFile = join(dir, 'shell.json');
writeFileSync(shellFile, JSON.stringify(PAYLOAD));

test.each<Schema>(['ecs', 'cim'])('every member is accounted for: %s', async (schema) => {
  const [shell] = await explanationsOf(shellFile, schema);
  const { fields = [], kept = [], left_out: left = [] } = shell ?? {};
  const said = [...fields.flatMap(({ from }) => from), ...[...kept, ...left].map(({ member }) => member)];
  const members = said.map((member) => member.split(/[.[]/, 1)[0]);
  expect(new Set(members)).toEqual(new Set(Object.keys(PAYLOAD)));
});

test('shows which member became which ECS field, by which rule', async () => {
  const [shell] = await explanationsOf(shellFile, 'ecs');
  if (shell === undefined) throw new Error('nothing explained');
  expect(fieldOf(shell, '@timestamp')).toMatchObject({ from: ['timestamp'] });
  expect(fieldOf(shell, '@timestamp').lines).toEqual([expect.stringContaining('$time_iso')]);
  expect(fieldOf(shell, 'process.executable').from).toEqual(['process_events[0].exe']);
  expect(fieldOf(shell, 'threat.technique.subtechnique.id')).toMatchObject({
    from: ['id'],
    lines: ['threat.technique: $threat.technique', 'threat:'],
  });
  expect(fieldOf(shell, 'event.created')).toEqual({
    value: expect.any(String),
    from: [],
    lines: ['event.created: $received_iso'],
  });
  expect(fieldOf(shell, 'event.severity').lines).toEqual([
    'event.severity: $severity.number',
    'severity: critical',
  ]);
  expect(fieldOf(shell, 'agent.type')).toEqual({ value: 'stepsecurity-siem', from: [], lines: [] });
  expect(shell.kept).toEqual([{ member: 'note', under: 'stepsecurity.unmapped' }]);
  expect(shell.left_out).toContainEqual({ member: 'tool', why: 'because it is empty' });
});

test('in CIM, including the second event', async () => {
  const both = await explanationsOf(shellFile, 'cim', undefined, withMapping({ cim_profile: 'fan_out' }));
  expect(both.map(({ role }) => role)).toEqual([undefined, 'activity']);
  const [finding, activity] = both;
  if (finding === undefined || activity === undefined) throw new Error('not both');
  expect(fieldOf(finding, 'cim_model').lines).toEqual(['model: Intrusion_Detection.IDS_Attacks']);
  expect(fieldOf(finding, 'file_path')).toMatchObject({
    from: ['process_events[0].exe'],
    lines: ['file_path: $process.executable'],
  });
  expect(fieldOf(finding, 'ids_type')).toEqual({ value: 'host', from: ['id'], lines: ['ids_type: host'] });
  expect(fieldOf(activity, 'cim_model').lines).toEqual(['model: Endpoint.Processes']);
  expect(fieldOf(activity, 'process').from).toContain('process_events[0].arguments');
  expect(finding.kept).toContainEqual({ member: 'note', under: 'stepsecurity' });
});

test("for a mapping of the operator's own", async () => {
  const own = join(dir, 'disk-wiped.yaml');
  writeFileSync(
    own,
    'detection: Disk-Wiped\ntitle: Disk wiped\ngroup: file\ncategory: [network]\nseverity: high\ncim: { model: Alerts.Alerts }\necs:\n  stepsecurity.disk.device: $payload.disk.device\n',
  );
  const payload = payloadFile({ id: 'Disk-Wiped', disk: { device: '/dev/sda', age: 3 } });
  const [one] = await explanationsOf(payload, 'ecs', undefined, withMapping({ path: dir }));
  if (one === undefined) throw new Error('nothing explained');
  const field = one.fields.find(({ field }) => field === 'stepsecurity.disk.device');
  expect(field).toMatchObject({ from: ['disk.device'], rules: [{ in: 'kind', file: own, line: 8 }] });
  expect(one.kept).toEqual([{ member: 'disk.age', under: 'stepsecurity.unmapped' }]);
  rmSync(own);
});

test('a secret is masked, and its mask in the payload is dropped', async () => {
  const token = TOKENS.npm ?? '';
  const payload = payloadOf('Secret-In-Build-Log', { secret: 'AK****XY', note: token });
  const out = await output(payloadFile(payload), 'ecs');
  const [one] = out
    .trimEnd()
    .split('\n')
    .map((line) => explanationSchema.parse(JSON.parse(line)));
  expect(out).not.toContain(token);
  expect(out).not.toContain('AK****XY');
  expect(Object.values(one?.masked ?? {})).toEqual([1]);
  expect(one?.left_out).toContainEqual({ member: 'secret', why: expect.stringContaining('mask') });
});

test.each<Schema>(['ecs', 'cim'])('a table fits 80 columns: %s', async (schema) => {
  const out = await output(FULL ? SAMPLES : shellFile, schema, screenOf({}, {}));
  expect(Math.max(...out.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
  expect(out).toContain(`Reverse-Shell → ${schema.toUpperCase()}`);
  expect(out).toMatch(/kind +\S*mappings\/reverse-shell\.yaml\n/);
});
