import { createHash } from 'node:crypto';
import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { differ, fingerprintOf } from '../../src/detections/fingerprint.ts';
import { payloadOf, read, TOKENS } from './harness.ts';

const of = (over: JsonObject = {}): string => fingerprintOf(payloadOf('Reverse-Shell', over));

it('is frozen: stored documents are compared with it for years', () => {
  const key = JSON.stringify([
    'Reverse-Shell',
    'acme/web',
    '16450863125',
    '46495445322',
    'Reverse-Shell-something',
    '1753203994000',
  ]);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 31);
  expect(of()).toBe(`${hash}0`);
  expect(of({ is_suppressed: true })).toBe(`${hash}1`);
  expect(of({ is_resolved: 'true' })).toBe(`${hash}1`);
});

test.each<[string, JsonObject]>([
  ['kind', { id: 'Privileged-Container' }],
  ['repository', { repo: 'other' }],
  ['run', { run_id: '2' }],
  ['job', { job_id: '2' }],
  ['detection', { detection: 'other' }],
  ['time', { timestamp: '1753203995' }],
])('changes with another %s', (_, over) => {
  expect(differ(of(over), of(), true)).toBe(true);
});

test.each<[string, JsonObject]>([
  ['link', { html_url: 'https://x.example' }],
  ['event_id', { event_id: 'other' }],
  ['spelling of the repository', { repo: 'ACME/web' }],
  ['spelling of the time', { timestamp: 1_753_203_994 }],
  ['attempt', { run_attempt: 2 }],
])('does not change with another %s', (_, over) => {
  expect(of(over)).toBe(of());
});

it('is computed from the unredacted payload', () => {
  const token = TOKENS['GitHub classic'] ?? '';
  const one = read(payloadOf('Reverse-Shell', { detection: token })).fingerprint;
  expect(one).not.toBe(read(payloadOf('Reverse-Shell', { detection: `${token}x` })).fingerprint);
});

describe('suppressed or resolved', () => {
  const loud = of();
  const quiet = of({ is_suppressed: true });
  it('changes when it hides what was exported', () => {
    expect(differ(quiet, loud, true)).toBe(true);
  });
  it('does not change when a later copy adds what happened to it', () => {
    expect(differ(loud, quiet, true)).toBe(false);
    expect(differ(quiet, quiet, true)).toBe(false);
  });
  it('does not change when flags carry no information', () => {
    expect(differ(quiet, loud, false)).toBe(false);
    expect(differ(quiet, of({ run_id: '2' }), false)).toBe(true);
  });
});
