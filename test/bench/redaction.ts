import { defaultShaping } from '../../src/config/shaping.ts';
import type { SourceRecord } from '../../src/contracts/types.ts';
import { transformOf } from '../../src/session/transform.ts';
import { detectionsOf } from './decoded.ts';
import { detection, randomOf } from './generate.ts';
import { cpuSeconds, median, report } from './measure.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Where CI jobs leave secrets, one in each detection; generated here, so that no file holds a token. */
const LEAKS: readonly ((token: string) => string)[] = [
  (token) => `curl -H "Authorization: Bearer ${token}" https://api.example.com/v1/deploy`,
  (token) => `docker login -u ci -p ${token} registry.example.com`,
  (token) => `git clone https://x-access-token:${['g', 'hp_'].join('')}${token}@github.com/acme/web.git`,
  (token) => `DB_PASSWORD=${token} ./migrate --verbose`,
  (token) => `https://hooks.example.com/notify?token=${token}&channel=ci`,
  (token) => `mysql -h db.example.com -u ci -p${token} app`,
];

/** Similar lines without a secret. */
const CLEAN = [
  'curl -fsSL -H "Accept: application/json" https://api.example.com/v1/deploy/status',
  'docker run --rm -v /home/runner/work:/work -w /work registry.example.com/build:1.2 make',
  'git clone --depth 1 https://github.com/acme/web.git /home/runner/work/web/web',
];

/**
 * Text → documents, for a clean export and for the same export with a secret in every detection. Both include what
 * redaction costs when there is nothing to redact; the ratio shows what secrets add.
 */
export function benchRedaction(count = 20_000, rounds = 7): void {
  const clean = Array.from({ length: count }, (_, number) =>
    recordOf(withLine(number, CLEAN[number % CLEAN.length] ?? '')),
  );
  const leaking = Array.from({ length: count }, (_, number) => recordOf(withSecret(number)));
  const { decode, map } = transformOf(defaultShaping(), { schema: 'ecs' });
  const once = (records: readonly SourceRecord[]): void => {
    for (const record of decode(records, Date.now())) for (const found of detectionsOf(record)) map(found);
  };
  once(clean);
  once(leaking);
  const pairs = Array.from({ length: rounds }, () => {
    const plain = cpuSeconds(() => once(clean));
    return { plain, ratio: cpuSeconds(() => once(leaking)) / plain };
  });
  report('a secret in every detection', {
    'clean detections per CPU second': count / median(pairs.map(({ plain }) => plain)),
    'times the clean export': median(pairs.map(({ ratio }) => ratio)),
  });
}

function withSecret(number: number): object {
  const random = randomOf(number);
  const token = Array.from({ length: 32 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
  return withLine(number, LEAKS[number % LEAKS.length]?.(token) ?? '');
}

function withLine(number: number, line: string): object {
  const event = { exe: '/usr/bin/bash', pid: '2068', arguments: ['bash', '-c', line] };
  return { ...detection(1, number), process_events: [event] };
}

function recordOf(one: object): SourceRecord {
  return { text: JSON.stringify(one), origin: { source: 'file', uri: 'bench' }, offset: 0 };
}
