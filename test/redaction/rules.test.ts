import { describe, expect, it, test } from '@jest/globals';
import { PROGRAM_FLAGS } from '../../src/redaction/programs.ts';
import { createRedactor, DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';
import { costsMoreThanItsParts } from '../cost.ts';
import { payloadOf, read } from '../detections/harness.ts';
import { rows } from '../full.ts';
import { heart, made, PLACES, placed, SHAPES, WRAPPINGS } from './corpus.ts';
import { leaking } from './leaking.ts';

/** The text without percent-encoding. A stray percent sign is kept. */
const flat = (text: string): string => decodeURIComponent(text.replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25'));

describe.each(SHAPES.map((shape) => [shape.name, shape] as const))('%s', (name, shape) => {
  const tokens = rows(1, [1, 2, 3]).map((seed) => made(shape.goes, seed));

  it.each(Object.entries(WRAPPINGS))('is masked %s', (_, wrap) => {
    for (const token of tokens) {
      const text = wrap(token);
      const clean = DEFAULT_REDACTOR.text(text);
      expect(flat(clean)).not.toContain(heart(token));
      expect(clean).not.toContain(Buffer.from(heart(token).slice(3, 12)).toString('base64'));
      expect(clean).toContain('[REDACTED:');
      expect(DEFAULT_REDACTOR.mayHold(JSON.stringify({ text }))).toBe(true);
      // Masking a clean text changes nothing.
      expect(DEFAULT_REDACTOR.text(clean)).toBe(clean);
    }
  });
  it('is named in the mask', () => {
    expect(DEFAULT_REDACTOR.text(tokens[0] ?? '')).toContain(`[REDACTED:${name}]`);
  });
  it('is masked in every place of a payload', () => {
    for (const place of Object.values(PLACES)) {
      const [token = ''] = tokens;
      expect(JSON.stringify(read(payloadOf('Reverse-Shell', place(token) as never)))).not.toContain(
        heart(token),
      );
    }
  });
  it('similar text stays', () => {
    const text = made(shape.stays);
    expect(DEFAULT_REDACTOR.text(text)).toBe(text);
  });
  it('is masked when the text ends inside it', () => {
    const [token = ''] = tokens;
    const begin = Math.max(...shape.begins.map((one) => token.toLowerCase().indexOf(one.toLowerCase())));
    const cut = token.slice(0, begin + 24 + (shape.begins[0]?.length ?? 0));
    if (shape.lead !== undefined) return;
    const clean = DEFAULT_REDACTOR.raw(`{"a":"x ${cut}`, true);
    expect(clean).not.toContain(cut.slice(-8));
  });
});

describe('a secret recognized by its place', () => {
  test.each(placed())('%s', (_, text, secret) => {
    const clean = DEFAULT_REDACTOR.text(text);
    expect(clean).not.toContain(secret);
    expect(clean).toMatch(/\[REDACTED:[a-z-]+\]/);
    expect(DEFAULT_REDACTOR.text(clean)).toBe(clean);
    for (const place of Object.values(PLACES)) {
      expect(JSON.stringify(read(payloadOf('Reverse-Shell', place(text) as never)))).not.toContain(secret);
    }
  });
});

describe('a secret in a line of a job', () => {
  const letters = made('{alnum:14}4Z', 11);
  const words = made('{alpha:5}-{alpha:5}!{alpha:5}', 12);
  test.each(leaking(letters, words))('%s', (line) => {
    const clean = DEFAULT_REDACTOR.text(line);
    expect(clean).toContain('[REDACTED:');
    expect(DEFAULT_REDACTOR.text(clean)).toBe(clean);
    const payload = { exe: '/bin/bash', arguments: ['bash', '-c', line], line };
    const all = JSON.stringify(DEFAULT_REDACTOR.value(payload));
    for (const secret of [letters, words]) expect(clean + all).not.toContain(secret);
    expect(DEFAULT_REDACTOR.mayHold(JSON.stringify(payload))).toBe(true);
  });

  test.each([
    'Authorization: Bearer',
    'curl -H X-Api-Key:',
    'setx API_KEY',
    'npm config set //r.example.com/:_authToken',
  ])('split at spaces: %s', (line) => {
    const list = [...line.split(' '), letters];
    expect(JSON.stringify(DEFAULT_REDACTOR.value(list))).not.toContain(letters);
  });
});

it('is masked in a list after a flag of its program', () => {
  const secret = made('{alnum:14}4Z', 13);
  for (const line of [
    'op item get x --session',
    'signtool sign /p',
    'schtasks /create /ru u /rp',
    'az keyvault secret set --name n --value',
    'aws ssm put-parameter --name n --value',
  ]) {
    const list = [...line.split(' '), secret];
    expect(DEFAULT_REDACTOR.mayHold(JSON.stringify(list))).toBe(true);
    expect(JSON.stringify(DEFAULT_REDACTOR.value(list))).not.toContain(secret);
  }
});

it('flags without their program take linear time', async () => {
  const short = PROGRAM_FLAGS.filter((flag) => !flag.includes('--'));
  const text = short.map((flag) => `${flag}=`.repeat(1_500)).join('\n');
  expect(DEFAULT_REDACTOR.mayHold(text)).toBe(false);
  for (const read of [DEFAULT_REDACTOR.mayHold, DEFAULT_REDACTOR.text])
    expect(await costsMoreThanItsParts(read, text)).toBe(false);
});

it('a UUID is a Vault SecretID only by the name of its member', () => {
  const secret_id = made('{uuid}', 4);
  expect(DEFAULT_REDACTOR.value({ secret_id })).toEqual({ secret_id: '[REDACTED:vault-secret-id]' });
  expect(DEFAULT_REDACTOR.value({ secret_id: 'prod/db' })).toEqual({ secret_id: 'prod/db' });
});

it('.txt after a token does not make it a file name', () => {
  for (const token of ['{uuid}', '{hex:32}', 's.{alnum:23}7'].map((template) => made(template, 4))) {
    const clean = DEFAULT_REDACTOR.text(`SNYK_TOKEN=${token}.txt`);
    expect(clean).toMatch(/^SNYK_TOKEN=\[REDACTED:/);
    expect(clean).not.toContain(heart(token));
  }
});

describe('a secret recognized by the name of a member', () => {
  const secret = made('{alpha:16}');
  test.each([
    { password: secret },
    { github_token: secret },
    { clientSecret: secret },
    { headers: { Authorization: secret, Cookie: secret, 'X-Api-Key': secret } },
    { secrets: [secret, { value: secret }] },
    { env: [{ name: 'DB_PASSWORD', value: secret }] },
    { Secret: secret },
  ])('%j', (novelty) => {
    for (const id of ['Reverse-Shell', 'Brand-New']) {
      expect(
        JSON.stringify(read(payloadOf(id, { novelty: novelty as never, ...(novelty as object) }))),
      ).not.toContain(secret);
    }
  });
});

describe('redaction that the operator configures', () => {
  const redactor = createRedactor({
    patterns: [{ rule: 'acme-token', pattern: 'acme_[a-z]{8}' }],
    names: ['Acme_Pin'],
    exceptions: ['public[a-z]*1'],
  });
  it('masks by a pattern, and names it', () => {
    expect(redactor.text('x acme_abcdefgh y')).toBe('x [REDACTED:acme-token] y');
  });
  it('masks by a name', () => {
    expect(redactor.text('ACME_PIN=4711x --acme_pin 4712x')).toBe(
      'ACME_PIN=[REDACTED:assignment] --acme_pin [REDACTED:flag-value]',
    );
    expect(redactor.object({ acme_pin: 'x1' })).toEqual({ acme_pin: '[REDACTED:named-member]' });
  });
  it('does not mask exceptions', () => {
    expect(redactor.text('TOKEN=publicabc1 TOKEN=publicabc2')).toBe(
      'TOKEN=publicabc1 TOKEN=[REDACTED:assignment]',
    );
    expect(redactor.object({ token: 'publicabc1' })).toEqual({ token: 'publicabc1' });
  });
});
