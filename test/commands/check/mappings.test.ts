import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkMappings } from '../../../src/commands/check/mappings.ts';
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
const found = (path: string | undefined): string[] =>
  [...checkMappings(path)].map(({ status, detail }) => `${status}: ${detail}`);

describe('checkMappings', () => {
  it('says which file adds a kind and which replaces one', () => {
    writeFileSync(join(dir, 'new-kind.yaml'), KIND);
    const shell = readFileSync(join(MAPPINGS_DIR, 'reverse-shell.yaml'), 'utf8');
    writeFileSync(join(dir, 'reverse-shell.yaml'), shell.replace('severity: critical', 'severity: high'));
    expect(found(dir)).toEqual([
      expect.stringMatching(new RegExp(`^ok: \\d+ kinds are known, with 2 of ${dir}$`)),
      `ok: new-kind.yaml of ${dir} is added`,
      `ok: reverse-shell.yaml of ${dir} replaces the one of the package`,
    ]);
  });

  it('has nothing to say of the package alone', () => {
    expect(found(undefined)).toEqual([expect.stringMatching(/^ok: \d+ kinds are known$/)]);
  });
});
