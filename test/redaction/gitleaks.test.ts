import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';
import { payloadOf, read } from '../detections/harness.ts';
import { made, PLACES, placed, SHAPES, WRAPPINGS } from './corpus.ts';

const folder = mkdtempSync(join(tmpdir(), 'gitleaks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const texts = [
  ...SHAPES.flatMap(({ goes }) => Object.values(WRAPPINGS).map((wrap) => wrap(made(goes, 5)))),
  ...SHAPES.map(({ goes }) => `SNYK_TOKEN=${made(goes, 5)}.txt`),
  ...['{uuid}', '{hex:40}', '{alnum:40}'].map((token) => `SNYK_TOKEN=${made(token, 5)}.txt`),
  ...placed(5).map(([, text]) => text),
];
const payloads = texts.flatMap((text) =>
  [PLACES.arguments, PLACES['an unknown member']].map((place) =>
    payloadOf('Reverse-Shell', place?.(text) as JsonObject),
  ),
);

/** What another program finds in a folder. CI sets the path of gitleaks in the environment. */
function found(name: string, lines: readonly string[]): number {
  const program = process.env['GITLEAKS'] ?? '';
  const place = join(folder, name);
  mkdirSync(place);
  writeFileSync(join(place, 'lines.txt'), `${lines.join('\n\n')}\n`);
  const report = join(folder, `${name}.json`);
  const { status, stderr } = spawnSync(
    program,
    ['dir', place, '--no-banner', '-f', 'json', '-r', report, '--exit-code', '0'],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`gitleaks ended with ${status}: ${stderr}`);
  const findings = JSON.parse(readFileSync(report, 'utf8')) as { RuleID: string; Match: string }[];
  if (name !== 'corpus') expect(findings.map(({ RuleID, Match }) => [RuleID, Match])).toEqual([]);
  return findings.length;
}

it('gitleaks finds hundreds of secrets in the corpus, and none after redaction', () => {
  expect(payloads.length).toBeGreaterThan(1_000);
  const documents = payloads.map((payload) => JSON.stringify(read(payload)));
  const letters = payloads.map((payload) => DEFAULT_REDACTOR.raw(JSON.stringify(payload).slice(0, -1), true));
  // Where it is not installed, only the other tests check this.
  if (process.env['GITLEAKS'] === undefined) return;
  expect(found('corpus', texts)).toBeGreaterThan(300);
  found('documents', documents);
  found('letters', letters);
});
