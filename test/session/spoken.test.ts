import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { rememberPassingSecret, rememberSecret, withoutOwnSecrets } from '../../src/text/own-secrets.ts';
import { detection } from '../bench/generate.ts';
import { commandLine } from '../command-line.ts';
import { rows } from '../full.ts';
import { made } from '../redaction/corpus.ts';
import { type HecAnswer, type ScriptedHec, scriptHec } from '../scripted/hec.ts';

/**
 * What the program prints about itself contains no secret from a payload, no credential, and no terminal control code.
 */

const TOKEN = made('{uuid}');
/** The start of it in base64, since a reply is cut somewhere. */
const ENCODED = Buffer.from(TOKEN).toString('base64').slice(0, 8);
const PIN = made('acme_{alnum:12}');
const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

let folder: string;
let hec: ScriptedHec;
let answer: HecAnswer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spoken-'));
  hec = await scriptHec((request) =>
    request.path.endsWith('/event') || request.path.includes('health') ? answer : {},
  );
});
afterAll(async () => {
  await hec.close();
  await rm(folder, { recursive: true });
});
jest.setTimeout(60_000);

/** A server that quotes what it was sent, in several spellings, with an operator's own secret and terminal colors. */
const echo = (status: number): HecAnswer => ({
  status,
  body: {
    text: `Invalid token ${TOKEN}; Authorization: Splunk ${TOKEN} (${Buffer.from(TOKEN).toString('base64')}) ${PIN} \u001b[31m\u009b2J`,
    code: 4,
  },
});

async function run(name: string, command: string): Promise<string> {
  const config = join(folder, `${name}.yaml`);
  const input = join(folder, `${PIN}-${name}.ndjson`);
  await writeFile(input, `${JSON.stringify(detection(3, 1))}\n`);
  await writeFile(
    config,
    [
      `source: { type: file, path: ${input} }`,
      `sink: { type: splunk_hec, url: '${hec.url}', token: ${TOKEN} }`,
      `state: { type: file, path: ${join(folder, `${name}-state`)} }`,
      'retry: { max_elapsed: 1s, initial_delay: 10ms }',
      'log: { level: debug }',
      `redaction: { patterns: [{ rule: acme-pin, pattern: 'acme_[A-Za-z0-9]{12}' }] }`,
    ].join('\n'),
  );
  const { out, err } = await commandLine([...command.split(' '), '--config', config]);
  return `${out}${err}`;
}

it.each(
  rows(2, [
    [403, 'run'],
    [401, 'check'],
    [401, 'run'],
    [503, 'run'],
  ] as const),
)('is clean when a collector answers %s and quotes the token, in %s', async (status, command) => {
  answer = echo(status);
  const name = `${command}${status}`;
  const said = await run(name, command);
  expect(said).not.toContain(TOKEN);
  expect(said).not.toContain(ENCODED);
  expect(said).not.toContain(PIN);
  expect(said).not.toMatch(STEERING);
  expect(said).toContain('[REDACTED:own-credential]');
});

it('is clean in dead letters, stored and shown', async () => {
  answer = echo(400);
  await run('letters', 'run');
  for (const action of ['dead-letters list', 'dead-letters show', 'state show']) {
    const said = await run('letters', action);
    expect(said).not.toContain(TOKEN.slice(0, 13));
    expect(said.replaceAll(/[│\s]/g, '')).not.toContain(PIN);
    expect(said).not.toMatch(STEERING);
  }
  const shown = await run('letters', 'dead-letters show');
  expect(shown).toContain('[REDACTED:acme-pin]-letters.ndjson');
  expect(shown).toContain('Invalid token [REDACTED:own-credential]');
});

it('recognizes a credential in every spelling', () => {
  const secret = made('{alnum:9}"/+ä');
  rememberSecret(secret);
  for (const spelling of [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ])
    expect(withoutOwnSecrets(`x ${spelling} y`)).toMatch(/^x "?\[REDACTED:own-credential\]"?=* y$/);
});

it('forgets a credential that was replaced many times, but none in use', () => {
  const kept = rememberSecret(made('{alnum:20}', 7));
  const passing = Array.from({ length: 20 }, (_, seed) => made('{alnum:20}', 100 + seed));
  for (const one of passing) rememberPassingSecret(one);
  expect(withoutOwnSecrets(kept)).toBe('[REDACTED:own-credential]');
  expect(withoutOwnSecrets(passing[19] ?? '')).toBe('[REDACTED:own-credential]');
  expect(withoutOwnSecrets(passing[0] ?? '')).toBe(passing[0]);
});
