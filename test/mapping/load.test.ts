import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/contracts/errors.ts';
import { fileNameOf, loadMappings, MAPPINGS_DIR } from '../../src/mapping/load.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mappings-'));
  cpSync(MAPPINGS_DIR, dir, { recursive: true });
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

function complaint(file: string, text: string): string {
  writeFileSync(join(dir, file), text);
  try {
    loadMappings(dir);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return '';
}

describe('loadMappings', () => {
  it.each([
    ['YAML that is none', 'a: [', 'cannot read the mapping'],
    ['a key that the language lacks', `${KIND}colour: red`, 'colour'],
    ['a word outside the list', KIND.replace('low', 'minor'), 'severity'],
    ['a rule that the language lacks', `${KIND}ecs: { a.b: { from: x, then: 1 } }`, 'a.b'],
    ['a path that is none', `${KIND}ecs: { a.b: { from: 'x y' } }`, 'a.b'],
    ['what is no tactic', `${KIND}threat: [{ tactic: T1 }]`, 'tactic'],
    ['an unknown tactic', `${KIND}threat: [{ tactic: TA9999 }]`, 'TA9999 is no tactic of MITRE ATT&CK 18.1'],
    [
      'an unknown technique',
      `${KIND}threat: [{ tactic: TA0002, technique: T1059.999 }]`,
      'T1059.999 is no technique of MITRE ATT&CK 18.1',
    ],
    [
      'a technique that was revoked',
      `${KIND}threat: [{ tactic: TA0002, technique: T1086 }]`,
      'T1086 is no technique',
    ],
    ['nothing', '', 'new-kind.yaml'],
  ])('names the file and the key of %s', (_, text, named) => {
    const message = complaint('new-kind.yaml', text);
    expect(message).toContain('new-kind.yaml');
    expect(message).toContain(named);
  });

  it('wants each file to have the name of its kind', () => {
    expect(complaint('other.yaml', KIND)).toContain('the mapping of New-Kind must be named new-kind.yaml');
  });

  it('misses a folder, and a folder without _common', () => {
    expect(() => loadMappings(join(dir, 'nowhere'))).toThrow(/nowhere/);
    rmSync(join(dir, '_common.yaml'));
    expect(() => loadMappings(dir)).toThrow(/_common\.yaml/);
  });

  it('takes a new kind from one file, with no other edit', () => {
    writeFileSync(join(dir, 'new-kind.yaml'), KIND);
    writeFileSync(join(dir, 'notes.txt'), 'no mapping');
    const kinds = loadMappings(dir).kinds.map(({ detection }) => detection);
    expect(kinds).toContain('New-Kind');
    expect(kinds).toHaveLength(loadMappings().kinds.length + 1);
  });
});

describe('fileNameOf', () => {
  it.each([
    ['NPM-Package-Upgrade', 'npm-package-upgrade'],
    ['pr_check_failure', 'pr-check-failure'],
  ])('%s is in %s', (kind, name) => {
    expect(fileNameOf(kind)).toBe(name);
  });
});
