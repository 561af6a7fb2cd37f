import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/contracts/errors.ts';
import { MAPPINGS_DIR } from '../../src/mapping/folders.ts';
import { fileNameOf, loadMappings } from '../../src/mapping/load.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mappings-'));
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

  it.each([
    ['other.yml', 'name ends in .yaml'],
    ['_other.yaml', 'only _common.yaml and _unknown.yaml begin with _'],
  ])('passes over no file: %s', (name, message) => {
    writeFileSync(join(dir, 'new-kind.yaml'), KIND);
    expect(complaint(name, KIND)).toContain(message);
  });

  it('misses a folder, and a mapping in it', () => {
    expect(() => loadMappings(join(dir, 'nowhere'))).toThrow(ConfigError);
    expect(() => loadMappings(dir)).toThrow(/holds no mapping/);
  });

  it('wants a data model that events have fields for', () => {
    const message = complaint('new-kind.yaml', KIND.replace('Alerts.Alerts', 'Malware.Malware_Attacks'));
    expect(message).toContain('names the data model Malware.Malware_Attacks');
    expect(message).toContain('Alerts.Alerts');
    const activity = 'cim: { model: Alerts.Alerts, activity: { model: Web.Nothing } }';
    expect(complaint('new-kind.yaml', KIND.replace(/cim: .*/, activity))).toContain('Web.Nothing');
  });
});

describe('a folder of your own', () => {
  const shipped = loadMappings();
  const titleOf = (mappings: ReturnType<typeof loadMappings>, kind: string): string | undefined =>
    mappings.kinds.find(({ detection }) => detection === kind)?.title;

  it('adds a kind with one file', () => {
    writeFileSync(join(dir, 'new-kind.yaml'), KIND);
    writeFileSync(join(dir, 'notes.txt'), 'no mapping');
    const mappings = loadMappings(dir);
    expect(mappings.kinds).toHaveLength(shipped.kinds.length + 1);
    expect(titleOf(mappings, 'New-Kind')).toBe('New Kind');
    expect(mappings.own).toEqual([
      { name: 'new-kind.yaml', path: join(dir, 'new-kind.yaml'), own: true, replaces: false },
    ]);
  });

  it('replaces a kind of the package, and no other', () => {
    const text = readFileSync(join(MAPPINGS_DIR, 'reverse-shell.yaml'), 'utf8');
    writeFileSync(join(dir, 'reverse-shell.yaml'), text.replace(/^title: .*$/m, 'title: Ours'));
    const mappings = loadMappings(dir);
    expect(titleOf(mappings, 'Reverse-Shell')).toBe('Ours');
    expect(mappings.kinds.map(({ detection }) => detection)).toEqual(
      shipped.kinds.map(({ detection }) => detection),
    );
    expect(mappings.own.map(({ name, replaces }) => [name, replaces])).toEqual([
      ['reverse-shell.yaml', true],
    ]);
    expect(mappings.common).toEqual(shipped.common);
  });

  it('replaces what all kinds share', () => {
    const text = readFileSync(join(MAPPINGS_DIR, '_common.yaml'), 'utf8');
    writeFileSync(
      join(dir, '_common.yaml'),
      text.replace('event.module: stepsecurity', 'event.module: ours'),
    );
    expect(loadMappings(dir).common.ecs['event.module']).toBe('ours');
  });

  it('that repeats a file of the package replaces nothing', () => {
    copyFileSync(join(MAPPINGS_DIR, 'reverse-shell.yaml'), join(dir, 'reverse-shell.yaml'));
    expect(loadMappings(dir)).toEqual(shipped);
    expect(loadMappings(MAPPINGS_DIR)).toEqual(shipped);
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
