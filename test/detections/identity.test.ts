import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import { changeUid } from '../../src/detections/identity.ts';
import type { Json, JsonObject } from '../../src/types.ts';
import { payloadOf, read, TOKENS } from './harness.ts';

interface Golden {
  readonly name: string;
  readonly payload: JsonObject;
  /** Absent: a file. */
  readonly source?: string;
  /** What is hashed, written by hand from the rule; absent where the uid is the vendor's own id. */
  readonly key?: Json;
  readonly uid: string;
}
const golden = JSON.parse(
  readFileSync(new URL('../golden/uids.json', import.meta.url), 'utf8'),
) as readonly Golden[];
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const uid = (payload: JsonObject): string => read(payload).uid;

describe('golden uids, frozen: a change of one duplicates every detection that was ever sent', () => {
  test.each(golden.map((one) => [one.name, one] as const))(
    '%s',
    (_, { payload, source, key, uid: frozen }) => {
      expect(read(payload, {}, source).uid).toBe(frozen);
      if (key !== undefined) expect(sha256(JSON.stringify(key))).toBe(frozen);
    },
  );
});

describe('the same detection has the same uid', () => {
  const bare = payloadOf('Reverse-Shell');
  const weak = { id: 'Brand-New', owner: 'acme', a: { x: 1, y: [1, { p: 1, q: 2 }] }, b: 'two' };

  test.each<[string, JsonObject]>([
    ['state', { is_suppressed: true, is_resolved: 'true', suppressed_by: 'me', resolved_reason: 'x' }],
    ['links', { html_url: 'https://app.stepsecurity.io/x?run_attempt=2' }],
    ['the state’s id', { customer_id_status: 'c#1#new', owner_id_status: 'o#1#new', ttl: 5 }],
    ['our own notes', { stepsecurity_siem: { run: { actor: 'me' } } }],
  ])('whatever its %s', (_, fields) => {
    for (const payload of [bare, weak]) expect(uid({ ...payload, ...fields })).toBe(uid(payload));
  });

  it('whatever the order of its keys and its spaces', () => {
    for (const payload of [bare, weak]) {
      const turned = Object.fromEntries(Object.entries(payload).toReversed());
      expect(read(JSON.stringify(turned, null, 4)).uid).toBe(uid(payload));
    }
    expect(uid({ ...weak, a: { y: [1, { q: 2, p: 1 }], x: 1 } })).toBe(uid(weak));
  });

  it('whether it holds a secret or not, by its unredacted values', () => {
    const token = TOKENS['GitHub classic'] ?? '';
    const one = payloadOf('Source-Code-Overwritten', { path: `/tmp/${token}` });
    const two = payloadOf('Source-Code-Overwritten', { path: `/tmp/${token}x` });
    expect(uid(one)).not.toBe(uid(two));
    expect(uid({ ...bare, secret: 'x', novelty: token })).toBe(uid(bare));
  });

  it('whenever it is read, even with a time in the future', () => {
    const later = payloadOf('Reverse-Shell', { timestamp: '4070908800' });
    const key = [
      'v1',
      'Reverse-Shell',
      'acme',
      'acme/web',
      '16450863125',
      '',
      '46495445322',
      later.detection ?? '',
    ];
    expect(uid(later)).toBe(sha256(JSON.stringify([...key, 4_070_908_800_000])));
  });

  it('with a time that is none by its text, never by when we received it', () => {
    const soon = payloadOf('Reverse-Shell', { timestamp: 'soon' });
    expect(uid(soon)).toBe(uid(soon));
    expect(uid(soon)).not.toBe(uid({ ...soon, timestamp: 'later' }));
  });
});

describe('another detection has another uid', () => {
  test.each<[string, JsonObject]>([
    ['run', { run_id: '2' }],
    ['attempt', { run_attempt: 2 }],
    ['job', { job_id: '2' }],
    ['owner', { owner: 'else' }],
    ['repository', { repo: 'other' }],
    ['detection', { detection: 'other' }],
    ['time', { timestamp: '1753203995' }],
    ['path', { path: '/other' }],
    ['kind', { id: 'Privileged-Container' }],
  ])('by its %s', (_, fields) => {
    expect(uid(payloadOf('Reverse-Shell', fields))).not.toBe(uid(payloadOf('Reverse-Shell')));
  });

  it('by anything at all where the natural key is too weak', () => {
    expect(uid({ id: 'Brand-New', a: 1 })).not.toBe(uid({ id: 'Brand-New', a: 2 }));
  });
});

describe('event_id', () => {
  const id = '0b54f2b2-9f37-4c36-8a47-1cf0cf0fb1a3';
  it('is the uid, save in natural mode', () => {
    const payload = payloadOf('Reverse-Shell', { event_id: id });
    expect(uid(payload)).toBe(id);
    expect(read(payload, { identity: 'natural' }).uid).toBe(uid(payloadOf('Reverse-Shell')));
  });
  it('is hashed beyond 128 bytes, counted as bytes', () => {
    const long = 'é'.repeat(64);
    expect(uid(payloadOf('Reverse-Shell', { event_id: long }))).toBe(long);
    const longer = `${long}x`;
    expect(uid(payloadOf('Reverse-Shell', { event_id: longer }))).toBe(
      sha256(JSON.stringify(['v1', 'event_id', longer])),
    );
  });
  test.each<Json>(['', null, 7, {}])('%j is none', (event_id) => {
    expect(uid(payloadOf('Reverse-Shell', { event_id }))).toBe(uid(payloadOf('Reverse-Shell')));
  });
});

describe('threat intelligence', () => {
  const incident = { id: 'b3c1', type: 'Threat-Intelligence', event_id: 'evt_1', is_active: 'true' };
  it('has another uid when it is closed, and the same however that is written', () => {
    expect(uid({ ...incident, is_active: 'false' })).not.toBe(uid(incident));
    expect(uid({ ...incident, is_active: true })).toBe(uid(incident));
  });
  it('is told apart by event_id, else id, else content', () => {
    expect(uid({ ...incident, event_id: 'evt_2' })).not.toBe(uid(incident));
    const { event_id: _, ...bare } = incident;
    expect(uid({ ...bare, id: 'other' })).not.toBe(uid(bare));
  });
});

describe('a change of state', () => {
  it('is believed of our own API source only: in a bucket anybody could have written it', () => {
    const payload = payloadOf('Reverse-Shell', {
      stepsecurity_siem: { change: { from: 'new', to: 'suppressed', counter: 1 } },
    });
    expect(uid(payload)).toBe(uid(payloadOf('Reverse-Shell')));
    expect(read(payload).change).toBeUndefined();
    expect(read(payload, {}, 'api').uid).not.toBe(uid(payload));
  });
  it('is an event of its own each time', () => {
    const uids = [
      changeUid('u', 'new', 'suppressed', 1),
      changeUid('u', 'suppressed', 'new', 2),
      changeUid('u', 'new', 'suppressed', 3),
      changeUid('v', 'new', 'suppressed', 1),
    ];
    expect(new Set(uids).size).toBe(4);
  });
});

it('never differs for key orders, and never is anything but 1 to 128 bytes of text', () => {
  const payloads = fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<Json>, {
    maxKeys: 6,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(payloads, (fields) => {
      const { data: _, jobs: __, stepsecurity_siem: ___, ...rest } = fields;
      const payload = { ...rest, id: 'Brand-New' };
      const turned = Object.fromEntries(Object.entries(payload).toReversed());
      const one = read(JSON.stringify(payload)).uid;
      expect(read(JSON.stringify(turned)).uid).toBe(one);
      expect(Buffer.byteLength(one)).toBeLessThanOrEqual(128);
      expect(one).not.toBe('');
    }),
    { numRuns: 500 },
  );
});
