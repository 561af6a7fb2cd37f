import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
    ['invalid YAML', `${KIND}a: [`, ':9: Flow sequence'],
    ['a key twice', `${KIND}title: again`, ':9: Map keys must be unique'],
    ['a second document', `${KIND}---\n${KIND}`, ':9: a file contains one mapping'],
    ['a key that the language lacks', `${KIND}colour: red`, ':9: unknown key colour; schemas/'],
    ['a word outside the list', KIND.replace('low', 'minor'), ':7: severity: '],
    ['a text that is a list', KIND.replace('New Kind', '[a]'), ':3: title: '],
    [
      'a rule that the language lacks',
      `${KIND}ecs:\n  a.b: { from: x, then: 1 }`,
      ':10: ecs.a.b: unknown key then',
    ],
    ['an invalid path', `${KIND}ecs:\n  a.b: { from: 'x y' }`, ':10: ecs.a.b.from: must be a path such as'],
    ['a merge key', `${KIND}ecs: { a: b, <<: { c: d } }`, ':9: ecs.<<: merge keys are not supported'],
    ['a field that is a value and an object', `${KIND}ecs:\n  x.y: a\n  x.y.z: b`, ':10: x.y and x.y.z: '],
    [
      'a field that all kinds have as an object',
      `${KIND}ecs: { event: a }`,
      ':9: event and event.category: ',
    ],
    [
      'aliases within aliases',
      `a: &a [x,x,x]\nb: &b [${Array(30).fill('*a').join()}]\nc: [${Array(30).fill('*b').join()}]\n${KIND}`,
      'Excessive alias count',
    ],
    ['a mapping that is too long', `${KIND}${'#'.repeat(300_000)}`, 'the limit for a mapping is 262144'],
    ['no keys', '- a', 'a mapping consists of keys and values'],
    ['an unknown model', KIND.replace('Alerts.Alerts', 'ids'), ':8: cim.model: must be a data model'],
    [
      'a model of observations',
      KIND.replace('Alerts.Alerts', 'Endpoint.Processes'),
      ':8: cim.model: is a model for observations: move it to cim.activity.model',
    ],
    [
      'a model of findings for an activity',
      KIND.replace('Alerts }', 'Alerts, activity: { model: DLP.DLP_Incidents } }'),
      ':8: cim.activity.model: is a model for findings',
    ],
    ['an id of the package', `${KIND}aliases: [x, Reverse-Shell]`, ':9: Reverse-Shell is in '],
    [
      'an id of the package in other letter case',
      `${KIND}aliases: [reverse_shell]`,
      ' as Reverse-Shell: an id belongs',
    ],
    ['an unknown tactic', `${KIND}threat: [{ tactic: T1 }]`, 'tactic'],
    [
      'an unknown tactic',
      `${KIND}threat: [{ tactic: TA9999 }]`,
      'TA9999 is not a tactic of MITRE ATT&CK 18.1',
    ],
    [
      'an unknown technique',
      `${KIND}threat: [{ tactic: TA0002, technique: T1059.999 }]`,
      'T1059.999 is not a technique of MITRE ATT&CK 18.1',
    ],
    [
      'a technique that was revoked',
      `${KIND}threat: [{ tactic: TA0002, technique: T1086 }]`,
      'T1086 is not a technique',
    ],
    ['nothing', '', 'the file is empty'],
  ])('names the file and the key of %s', (_, text, named) => {
    const message = complaint('new-kind.yaml', text);
    expect(message).toContain('new-kind.yaml');
    expect(message).toContain(named);
  });

  it('requires each file to have the name of its kind', () => {
    expect(complaint('other.yaml', KIND)).toContain('the mapping of New-Kind must be named new-kind.yaml');
  });

  it('requires the id that it replaces to be spelled as the vendor does', () => {
    expect(complaint('reverse-shell.yaml', KIND.replace('New-Kind', 'reverse-shell'))).toBe(
      `${join(dir, 'reverse-shell.yaml')}:2: reverse-shell replaces Reverse-Shell: write it as Reverse-Shell`,
    );
  });

  it.each([
    ['a loop of links', () => symlinkSync('new-kind.yaml', join(dir, 'new-kind.yaml')), 'ELOOP'],
    ['an endless file', () => symlinkSync('/dev/zero', join(dir, 'reverse-shell.yaml')), 'it is not a file'],
    ['a folder', () => mkdirSync(join(dir, 'new-kind.yaml')), 'it is not a file'],
  ])('does not read %s', (_, make, message) => {
    make();
    expect(() => loadMappings(dir)).toThrow(ConfigError);
    expect(() => loadMappings(dir)).toThrow(message);
  });

  it.each([
    ['other.yml', 'must end in .yaml'],
    ['_other.yaml', 'only _common.yaml and _unknown.yaml may start with _'],
  ])('ignores no file: %s', (name, message) => {
    writeFileSync(join(dir, 'new-kind.yaml'), KIND);
    expect(complaint(name, KIND)).toContain(message);
  });

  it('reports a missing folder, and a folder without mappings', () => {
    expect(() => loadMappings(join(dir, 'nowhere'))).toThrow(ConfigError);
    expect(() => loadMappings(dir)).toThrow(/contains no mapping/);
  });

  it('requires a data model that has event fields', () => {
    const message = complaint('new-kind.yaml', KIND.replace('Alerts.Alerts', 'Malware.Malware_Attacks'));
    expect(message).toContain(':8: _common.yaml has no fields for the data model Malware.Malware_Attacks');
    expect(message).toContain('Alerts.Alerts');
    const activity = 'cim: { model: Alerts.Alerts, activity: { model: Web.Nothing } }';
    expect(complaint('new-kind.yaml', KIND.replace(/cim: .*/, activity))).toContain('Web.Nothing');
  });
});

describe('a folder with your own mappings', () => {
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

  it('replaces a kind of the package and no other', () => {
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

  it('replaces nothing with a copy of a packaged file', () => {
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
