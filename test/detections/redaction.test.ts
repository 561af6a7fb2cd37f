import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { toLetter } from '../../src/letters/letter.ts';
import { DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';
import { isSteep } from '../cost.ts';
import { core, payloadOf, read, TOKENS } from './harness.ts';

const MASK = '[REDACTED:';
const tokens = Object.entries(TOKENS);
const secret = ['hunter2', 'correct', 'horse'].join('-');
const pem = (kind: string) =>
  `-----BEGIN ${kind}-----\n${'MIIEow'.repeat(8)}\n${'abc123+/'.repeat(8)}\n-----END ${kind}-----`;
const everything = (payload: JsonObject): string => JSON.stringify(read(payload));

/** Every character of a text as a JSON escape. */
const escaped = (text: string): string =>
  text.replace(/[^]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

describe.each(tokens)('%s', (_, token) => {
  const gone = (text: string): void => {
    expect(text).not.toContain(core(token));
    expect(text).toContain(MASK);
  };

  test('in arguments, one by one or as one text', () => {
    gone(everything(payloadOf('Reverse-Shell', { process_events: [{ arguments: ['curl', '-H', token] }] })));
    gone(everything(payloadOf('Reverse-Shell', { process_events: [{ arguments: `curl -H x:${token} y` }] })));
  });
  test('in URLs, paths and files', () => {
    gone(everything(payloadOf('HTTPS-Outbound-Network-Call', { host: 'a.example', path: `/x/${token}/y` })));
    gone(everything(payloadOf('Source-Code-Overwritten', { path: `/tmp/${token}.txt` })));
    gone(everything(payloadOf('Reverse-Shell', { html_url: `https://a.example/${token}` })));
  });
  test('in keys, nested objects and lists, of known and unknown kinds', () => {
    for (const id of ['Reverse-Shell', 'Brand-New']) {
      gone(everything(payloadOf(id, { novelty: { deep: [{ [token]: 1 }] } })));
      gone(everything(payloadOf(id, { novelty: [[token]] })));
    }
  });
  test('in what names it: the kind and the event id', () => {
    gone(everything({ id: token, detection: 'x' }));
    expect(everything(payloadOf('Reverse-Shell', { event_id: token }))).not.toContain(core(token));
  });
  test('escaped', () => {
    const text = `{"id":"Reverse-Shell","detection":"x","novelty":"a${escaped(token)}b"}`;
    gone(JSON.stringify(read(text)));
    gone(DEFAULT_REDACTOR.raw(text));
    gone(DEFAULT_REDACTOR.raw(`${text} broken`));
  });
  test('in dead letters, whether their text is JSON or not', () => {
    const json = JSON.stringify({ id: 7, a: [token] });
    gone(DEFAULT_REDACTOR.raw(json));
    gone(DEFAULT_REDACTOR.raw(json.slice(0, -2)));
    gone(DEFAULT_REDACTOR.raw(`not JSON at all: ${token}`));
    const record = { text: `{"broken":"${token}`, origin: { source: 'file', uri: '/x' }, offset: 0 };
    gone(toLetter({ record, stage: 'decode', code: 'invalid_json', reason: 'x' }, 'now').text);
  });
  test('with anything around it', () => {
    for (const before of ['', 'a', '_', '9', '-', '.', '=', '"', "'", '\\', 'é', 'TOKEN_', '\u0000', '\n']) {
      for (const after of ['', ' ', '"', "'", '\\', '&', '@', ':', '\n', 'é']) {
        expect(DEFAULT_REDACTOR.text(`${before}${token}${after}`)).not.toContain(core(token));
      }
    }
  });
});

describe('secrets recognized by their name or place', () => {
  test.each<[string, string]>([
    ['query token', `https://a.example/x?access_token=${secret}&y=1`],
    ['query key', `https://a.example/x?y=1&api_key=${secret}`],
    ['query secret', `/x?client_secret=${secret}`],
    ['query password', `/x?password=${secret}#z`],
    ['query sig', `/x?sv=1&sig=${secret}`],
    ['query signature', `/x?X-Amz-Signature=${secret}`],
    ['query in capitals', `/x?TOKEN=${secret}`],
    ['in a fragment', `/x#id_token=${secret}`],
    ['an assignment', `AWS_SECRET_ACCESS_KEY=${secret} aws s3 ls`],
    ['an assignment in brackets', `(TOKEN=${secret};id)`],
    ['the beginning is =', `=x?token=${secret}`],
    ['a flag with =', `--password=${secret}`],
    ['a flag with a space', `mysql --password ${secret} db`],
    ['a flag at the start', `--api-key ${secret}`],
    ['a flag after a line break', `mysql\n-password\t${secret}`],
    ['a flag and quotes', `mysql --password "${secret} b"`],
    ['quotes', `token="${secret} b"`],
    ['quotes that do not close', `token="${secret}`],
    ['quotes inside JSON', `{\\"x\\":\\"token=\\"${secret}\\"`],
    ['user and password', `https://me:${secret}@a.example/x`],
    ['a password with @', `https://me:p@${secret}@a.example/x`],
    ['a token as user', `https://${secret}@a.example/x`],
    ['no user', `redis://:${secret}@a.example/0`],
    ['a header', `Authorization: Bearer ${secret}`],
    ['a header in lower case', `curl -H "authorization: ${secret}"`],
    ['a Slack hook', `https://hooks.slack.com/services/T000/B000/${secret.replaceAll('-', '')}`],
    ['an RSA key', pem('RSA PRIVATE KEY').replace('MIIEow', secret)],
    ['a PKCS #8 key', `a ${pem('PRIVATE KEY').replace('MIIEow', secret)} b`],
    ['a PGP key', pem('PGP PRIVATE KEY BLOCK').replace('MIIEow', secret)],
    ['a key broken off', pem('OPENSSH PRIVATE KEY').replace('MIIEow', secret).slice(0, 80)],
  ])('%s', (_, text) => {
    const tail = secret.replaceAll('-', '').slice(-6);
    const clean = (one: string): string => one.replaceAll('-', '');
    expect(clean(text)).toContain(tail);
    expect(clean(DEFAULT_REDACTOR.text(text))).not.toContain(tail);
    const payload = payloadOf('Reverse-Shell', { novelty: text, process_events: [{ arguments: text }] });
    expect(clean(everything(payload))).not.toContain(tail);
    const raw = JSON.stringify(payload);
    expect(clean(DEFAULT_REDACTOR.raw(raw))).not.toContain(tail);
    expect(clean(DEFAULT_REDACTOR.raw(raw.slice(0, -1)))).not.toContain(tail);
  });

  test('the argument after a flag', () => {
    const args: Json[] = ['tool', '--token', secret, '-password', 12345, '--api-key', '--verbose', 'kept'];
    const payload = payloadOf('Reverse-Shell', { process_events: [{ arguments: args }] });
    expect(read(payload).process?.args).toEqual([
      'tool',
      '--token',
      '[REDACTED:flag-value]',
      '-password',
      '[REDACTED:flag-value]',
      '--api-key',
      '--verbose',
      'kept',
    ]);
    expect(DEFAULT_REDACTOR.raw(JSON.stringify(payload).slice(0, -1))).not.toContain(secret);
  });

  test('the vendor’s secret, at any depth and in any shape', () => {
    const payload = payloadOf('Secret-In-Build-Log', {
      secret,
      nested: [{ secret: [secret] }, { secret: { value: secret } }],
      rule_id: 'x',
    });
    expect(everything(payload)).not.toContain(secret);
    expect(DEFAULT_REDACTOR.raw(JSON.stringify(payload))).not.toContain(secret);
    expect(DEFAULT_REDACTOR.raw(`{"secret": "${secret}\\" b", "x`)).not.toContain(secret);
  });
});

test.each([
  'https://github.com/acme/web/actions/runs/1?run_attempt=1',
  'docker run --privileged -v /:/host alpine',
  '/home/runner/work/KeyJsonParser.java',
  'mailto someone@example.com about keys and tokens',
  'npm_config_registry npm_lifecycle_event',
  'Action-Uses-Imposter-Commit-step-security/dummy-c96c327cecdb71e8f031080ba8ad208feb25b13d',
  '----------',
])('other text stays: %s', (text) => {
  expect(DEFAULT_REDACTOR.text(text)).toBe(text);
});

const surrounding = fc.string({ unit: 'binary', maxLength: 12 });
const anyToken = fc.constantFrom(...Object.values(TOKENS));
const anyPiece = fc.oneof(
  surrounding,
  anyToken,
  fc.constantFrom(
    '?token=',
    '&sig=',
    '://u:',
    '@',
    '--key',
    '--password ',
    '=',
    ' ',
    '"',
    'Authorization: ',
    '\n-pwd\n',
  ),
);
const anyText = fc.array(anyPiece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const anyJson = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    anyText,
    fc.constantFrom(null, true, 7),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(anyText, fc.constantFrom('secret', 'arguments', 'path', 'detection')),
      tie('json'),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
  ),
})).json;

test('members whose keys become the same all stay', () => {
  const [one = '', two = ''] = ['a', 'b'].map((letter) => `ghp_${letter.repeat(36)}`);
  const members = { [one]: 1, '[REDACTED:github-pat] (2)': 2, [two]: 3, '[REDACTED:github-pat]': 4, safe: 5 };
  const expected = {
    '[REDACTED:github-pat]': 1,
    '[REDACTED:github-pat] (2)': 2,
    '[REDACTED:github-pat] (3)': 3,
    '[REDACTED:github-pat] (4)': 4,
    safe: 5,
  };
  expect(JSON.parse(DEFAULT_REDACTOR.raw(JSON.stringify(members)))).toEqual(expected);
  expect(read(payloadOf('Brand-New', { novelty: members })).unmapped).toMatchObject({ novelty: expected });
});

describe('whatever surrounds a token', () => {
  it('no token survives in a detection', () => {
    fc.assert(
      fc.property(
        surrounding,
        anyToken,
        surrounding,
        fc.constantFrom('Reverse-Shell', 'New'),
        (a, token, b, id) => {
          const text = everything(
            payloadOf(id, { path: `${a}${token}${b}`, novelty: { [`${a}${token}`]: [token] } }),
          );
          expect(text).not.toContain(core(token));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('no token survives in the text of a dead letter', () => {
    fc.assert(
      fc.property(surrounding, anyToken, surrounding, fc.boolean(), fc.nat(5), (a, token, b, json, cut) => {
        const whole = json ? JSON.stringify({ a: [`${a}${token}${b}`] }) : `${a}${token}${b}`;
        expect(DEFAULT_REDACTOR.raw(whole)).not.toContain(core(token));
        expect(DEFAULT_REDACTOR.raw(json ? whole.slice(0, whole.length - cut) : whole)).not.toContain(
          core(token),
        );
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    '://u:--key',
    'client secret',
    'password/x',
    'a"b token',
    'otp',
    'PW_1',
    'GH_PAT_2',
    'sig',
    'pat/1',
    `${'a '.repeat(500)}token`,
  ])('the quick check finds what a complete name says: %s', (name) => {
    const secret = 'Ab3xQ9zL7m';
    for (const value of [{ [name]: secret }, { name: name.slice(-100), value: secret }]) {
      const raw = JSON.stringify({ arguments: value });
      expect(DEFAULT_REDACTOR.raw(raw)).not.toContain(secret);
      expect(DEFAULT_REDACTOR.mayHold(raw)).toBe(true);
    }
    expect(DEFAULT_REDACTOR.mayHold('{"a":"password : hunter"}')).toBe(true);
  });

  it('the quick check never says no to what redaction would change', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const raw = JSON.stringify(value);
        if (!DEFAULT_REDACTOR.mayHold(raw)) expect(DEFAULT_REDACTOR.raw(raw)).toBe(raw);
      }),
      { numRuns: 3_000 },
    );
  });
});

it('takes time proportional to the length of hostile text', async () => {
  const texts = (long: number): string[] => [
    `${'a.'.repeat(long / 2)}://u@`,
    `token=x://${'a:'.repeat(long / 2)}`,
    `${'-'.repeat(long)}token=`,
    `token=x ${'-a'.repeat(long / 2)}`,
    `${'key'.repeat(long / 3)} --key`,
    '-----BEGIN PRIVATE KEY-----'.repeat(long / 27),
    `eyJ${'a'.repeat(long)}`,
    'eyJ'.repeat(long / 3),
  ];
  const steep: number[] = [];
  for (const at of texts(0).keys()) {
    const prepare = (long: number) => {
      const text = texts(long)[at] ?? '';
      return () => [DEFAULT_REDACTOR.text(text), DEFAULT_REDACTOR.mayHold(JSON.stringify({ text }))];
    };
    if (await isSteep(prepare, 15_000)) steep.push(at);
  }
  expect(steep).toEqual([]);
});
