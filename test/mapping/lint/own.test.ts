import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { SCHEMAS } from '../../../src/contracts/schema.ts';
import { documentLint, lintKind, lintMappings } from '../../../src/mapping/lint/index.ts';
import { pathLint } from '../../../src/mapping/lint/paths.ts';
import { fileNameOf, loadMappings } from '../../../src/mapping/load.ts';
import { compileMapper } from '../../../src/mapping/mapper.ts';
import { DEFAULT_MAPPER } from '../../../src/mapping/options.ts';
import { profilesOf } from '../../../src/mapping/profiles.ts';
import { detectionOf, MAPPINGS, readSamples } from '../samples.ts';

const detections = readSamples().flatMap((sample) => sample.detections);
const paths = pathLint(detections);

test.each([...MAPPINGS.kinds, MAPPINGS.unknown].map((file) => ({ file, name: fileNameOf(file.detection) })))(
  'our own $name has no errors',
  ({ file }) => {
    expect(lintKind(file, MAPPINGS.common, paths)).toEqual([]);
  },
);

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
`;
const CIM = 'cim: { model: Alerts.Alerts }';

function problemsOf(text: string): string[] {
  writeFileSync(join(dir, 'new-kind.yaml'), text);
  return lintMappings(loadMappings(dir), detections).map(({ problem }) => problem);
}

describe('a kind of your own', () => {
  it('passes when it is valid, with its own fields below stepsecurity', () => {
    const ecs = `ecs:
  stepsecurity.disk.device: $payload.device
  stepsecurity.disk.sizes: { from: payload.sizes, as: list }
  event.start: { from: payload.started, as: date }
  host.name: $payload.host_name
`;
    const cim = 'cim: { model: Alerts.Alerts, fields: { disk_device: $payload.device } }';
    const action = '# "It was stopped" (page "Detections").\naction: blocked\n';
    expect(problemsOf(`${KIND}${action}${ecs}${cim}`)).toEqual([]);
  });

  it.each([
    ['ecs: { host_name: x }', 'host_name: unknown field; put fields that are not in ECS under stepsecurity'],
    [
      'ecs: { process.pids: $process.pid }',
      'process.pids: unknown field; put fields that are not in ECS under stepsecurity',
    ],
    ['ecs: { event.kind: alert }', 'event.kind: the program writes it'],
    ['ecs: { event.severity: "73" }', 'event.severity: "73" is not of type long'],
    ['ecs: { network.direction: out }', 'network.direction: out is not allowed'],
    ['ecs: { event.action: [a] }', 'event.action: is a list'],
    ['ecs: { process.args: a }', 'process.args: must be a list'],
    ['ecs: { event.action: unknown }', 'event.action: says nothing'],
    ['ecs: { event.outcome: { from: name, map: { a: won } } }', 'event.outcome: won is not allowed'],
    ['ecs: { event.outcome: { from: name, default: won } }', 'event.outcome: won is not allowed'],
    [
      'ecs: { destination.ip: $payload.there }',
      'destination.ip: the payload may contain anything here: add "as: ip"',
    ],
    [
      'ecs: { process.args: $payload.args }',
      'process.args: the payload may contain anything here: add "as: list"',
    ],
    ['ecs: { event.code: { from: payload.a, as: list } }', 'event.code: is a list'],
    ['ecs: { destination.domain: $endpoint.domian }', 'no detection has endpoint.domian'],
    ['ecs: { event.code: $payloads.x }', 'no detection has payloads.x'],
    ["reason: ['{repo.fulll} was here']", 'no detection has repo.fulll'],
    ['ecs: { event.module: stepsecurity }', 'event.module: _common.yaml says the same'],
  ])('is refused for %s', (text, problem) => {
    expect(problemsOf(`${KIND}${text}\n${CIM}`)).toContain(problem);
  });

  it.each([
    ['{ model: Alerts.Alerts, fields: { sevrity: high } }', 'sevrity: unknown field; did you mean severity?'],
    [
      '{ model: Alerts.Alerts, fields: { dest_prot: 1 } }',
      'dest_prot: unknown field; did you mean dest_port?',
    ],
    ['{ model: Alerts.Alerts, fields: { severity: serious } }', 'severity: serious is not allowed'],
    ['{ model: Alerts.Alerts, fields: { dest_priority: high } }', 'dest_priority: only Splunk may set it'],
    ['{ model: Alerts.Alerts, fields: { cim_model: Web.Web } }', 'cim_model: the program writes it'],
    ['{ model: Alerts.Alerts, fields: { sourcetype: x } }', 'sourcetype: only Splunk may set it'],
    [
      '{ model: Alerts.Alerts, fields: { object_category: file } }',
      'object_category: file: Splunk tags it filesystem',
    ],
    [
      '{ model: Alerts.Alerts, fields: { is_resolved: $payload.done } }',
      'is_resolved: eventtypes select by this field, and _common.yaml sets it for all kinds',
    ],
    ['{ model: Alerts.Alerts, fields: { src: $repo.fulll } }', 'no detection has repo.fulll'],
    [
      '{ model: Intrusion_Detection.IDS_Attacks, fields: { ids_type: application } }',
      'ids_type: application is not allowed',
    ],
    [
      '{ model: Alerts.Alerts, activity: { model: Endpoint.Filesystem, fields: { action: wiped } } }',
      'action: wiped is not allowed',
    ],
  ])('is refused for cim: %s', (cim, problem) => {
    expect(problemsOf(`${KIND}cim: ${cim}`)).toContain(problem);
  });

  it.each([
    [`${KIND}action: blocked\n`, 'action: blocked has no source; name it in a comment on the line above'],
    [KIND.replace('[info]', '[change]'), 'type: change is not expected for intrusion_detection'],
    [KIND.replace('[intrusion_detection]', '[attack]'), 'category: attack is not an ECS category'],
    [
      KIND.replace('[intrusion_detection]', '[process]'),
      'category: none of these allows the type denied, which is added if the act was stopped',
    ],
  ])('is refused for contradictions in its facts', (text, problem) => {
    expect(problemsOf(`${text}${CIM}`)).toContain(problem);
  });
});

test('its documents are checked, and those of other kinds are not', () => {
  writeFileSync(join(dir, 'new-kind.yaml'), `${KIND}ecs: { host.os.type: $payload.os }\n${CIM}`);
  const mappings = loadMappings(dir);
  const lint = documentLint(mappings, 'ecs');
  const map = compileMapper(mappings, DEFAULT_MAPPER);
  const own = detectionOf({ id: 'New-Kind', os: 'plan9' }, profilesOf(mappings));
  expect(lint(own, map(own))).toEqual([
    { path: join(dir, 'new-kind.yaml'), line: 8, problem: 'host.os.type: plan9 is not allowed' },
  ]);
  const other = detectionOf({ id: 'Reverse-Shell' }, profilesOf(mappings));
  expect(lint(other, map(other))).toEqual([]);
});

test.each(SCHEMAS)('all documents of %s are checked when you replace what they share', (schema) => {
  writeFileSync(
    join(dir, '_common.yaml'),
    JSON.stringify({
      ...MAPPINGS.common,
      ecs: { ...MAPPINGS.common.ecs, 'host.os.type': '$id' },
      cim: { ...MAPPINGS.common.cim, fields: { ...MAPPINGS.common.cim.fields, severity: '$id' } },
    }),
  );
  const mappings = loadMappings(dir);
  const detection = detectionOf({ id: 'Reverse-Shell' });
  const documents = compileMapper(mappings, { ...DEFAULT_MAPPER, schema })(detection);
  expect(documentLint(mappings, schema)(detection, documents)).toEqual([
    {
      path: join(dir, '_common.yaml'),
      line: 1,
      problem: `${schema === 'ecs' ? 'host.os.type' : 'severity'}: Reverse-Shell is not allowed`,
    },
  ]);
});
