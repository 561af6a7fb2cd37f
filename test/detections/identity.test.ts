import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { changeUid } from '../../src/detections/identity.ts';
import { sixTexts } from '../../src/detections/subject.ts';
import { anyText } from '../any-text.ts';
import { draws } from '../full.ts';
import { decodeText, payloadOf, profile, read, TOKENS } from './harness.ts';

interface Golden {
  readonly name: string;
  readonly payload: JsonObject;
  /** Absent: a file. */
  readonly source?: string;
  /** The hashed text, written by hand from the rule. */
  readonly key: Json;
  readonly uid: string;
}
const golden = JSON.parse(
  readFileSync(new URL('../golden/uids.json', import.meta.url), 'utf8'),
) as readonly Golden[];
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const uid = (payload: JsonObject): string => read(payload).uid;
const natural = (payload: JsonObject): string => read(payload, { identity: 'natural' }).uid;
const EVENT_ID = '0b54f2b2-9f37-4c36-8a47-1cf0cf0fb1a3';

describe('golden uids, frozen: a change would duplicate every detection ever sent', () => {
  test.each(golden.map((one) => [one.name, one] as const))(
    '%s',
    (_, { payload, source, key, uid: frozen }) => {
      expect(read(payload, {}, source).uid).toBe(frozen);
      expect(sha256(JSON.stringify(key))).toBe(frozen);
    },
  );
});

/** Natural keys of three strengths, and an id from the vendor. */
const PAYLOADS: readonly (readonly [string, JsonObject])[] = [
  ['a natural key', payloadOf('Reverse-Shell')],
  ['a weak natural key', { id: 'Brand-New', owner: 'acme', a: { x: 1, y: [1, { p: 1, q: 2 }] }, b: 'two' }],
  [
    'the bare kind as detection',
    payloadOf('Domain-Blocked', { detection: 'Domain-Blocked', endpoint: 'x.y' }),
  ],
  ['an event_id', payloadOf('Reverse-Shell', { event_id: EVENT_ID })],
];

describe.each(PAYLOADS)('the same detection has the same uid, by %s', (_, payload) => {
  test.each<[string, JsonObject]>([
    ['state', { is_suppressed: true, is_resolved: 'true', suppressed_by: 'me', resolved_reason: 'x' }],
    ['another link', { html_url: 'https://app.stepsecurity.io/gitlab/x?run_attempt=2' }],
    ['a page of the check', { checks_url: 'https://x.example', incident_url: 'https://x.example' }],
    ['ids of its state', { customer_id_status: 'c#1#new', owner_id_status: 'o#1#new', ttl: 5 }],
    ['our own notes', { stepsecurity_siem: { run: { actor: 'me' } } }],
    [
      'the group it came in',
      { customer: 'c', event_type: 'detection', parent_id: 'g', alert_timestamp: 'now' },
    ],
  ])('with %s', (_what, fields) => {
    expect(uid({ ...payload, ...fields })).toBe(uid(payload));
  });

  it('whatever its key order and whitespace', () => {
    const turned = Object.fromEntries(Object.entries(payload).toReversed());
    expect(read(JSON.stringify(turned, null, 4)).uid).toBe(uid(payload));
  });

  it('whatever the mapping for its kind', () => {
    for (const kind of ['Brand-New', 'Reverse-Shell', 'Domain-Blocked']) {
      const claimed = profile('Something-Else', { title: 'Another title' });
      expect(read(payload, { profile: (id) => (id === kind ? claimed : undefined) }).uid).toBe(uid(payload));
    }
    expect(read(payload, { profile: () => undefined }).uid).toBe(uid(payload));
  });

  it('alone and in a group, from which it takes owner, repository and run', () => {
    const { owner, repo, run_id: run, ...member } = payload;
    const above: JsonObject = {
      owner: owner ?? '',
      ...(repo === undefined ? {} : { repo, run_id: run ?? '' }),
    };
    const group = { id: EVENT_ID, name: 'a run', customer: 'acme', event_type: 'detection', ...above };
    const [inside] = decodeText(JSON.stringify({ ...group, data: [member] }));
    expect(inside).toMatchObject({ detection: { uid: uid(payload) } });
  });

  it('in any spelling of owner and repository', () => {
    const { repo, ...rest } = payload;
    if (repo === undefined) return;
    for (const over of [
      { owner: 'ACME', repo: 'Web' },
      { repo: 'acme/web' },
      { repo: 'web', owner_repo: 'Acme/web' },
      { repository: 'acme/web' },
    ]) {
      expect(uid({ ...rest, ...over })).toBe(uid(payload));
    }
  });

  it('from the API, whose rows carry our notes and flags', () => {
    const row = { ...payload, is_suppressed: true, stepsecurity_siem: { row_id: 'a#b' } };
    expect(read(row, {}, 'api').uid).toBe(uid(payload));
  });
});

describe('redaction', () => {
  const token = TOKENS['GitHub classic'] ?? '';

  it('changes no uid: it is computed from the unredacted values', () => {
    const one = payloadOf('Source-Code-Overwritten', { path: `/tmp/${token}` });
    const two = payloadOf('Source-Code-Overwritten', { path: `/tmp/${token}x` });
    expect(uid(one)).not.toBe(uid(two));
    const bare = payloadOf('Reverse-Shell');
    expect(uid({ ...bare, novelty: token })).toBe(uid(bare));
  });

  it('does not merge two ids, or two repositories', () => {
    const of = (over: JsonObject): string => uid(payloadOf('Reverse-Shell', { event_id: EVENT_ID, ...over }));
    expect(of({ event_id: token })).not.toBe(of({ event_id: `${token}x` }));
    expect(of({ repo: token })).not.toBe(of({ repo: `${token}x` }));
    expect(of({ id: token })).not.toBe(of({ id: `${token}x` }));
  });
});

describe('time', () => {
  it('is epoch milliseconds whenever it is read, even in the future', () => {
    const times = ['4070908800', 4_070_908_800, '2099-01-01T00:00:00Z', 4_070_908_800_000];
    expect(new Set(times.map((timestamp) => uid(payloadOf('Reverse-Shell', { timestamp })))).size).toBe(1);
  });
  it('is its text when it is invalid, never the time we received it', () => {
    const soon = payloadOf('Reverse-Shell', { timestamp: 'soon' });
    expect(uid(soon)).toBe(uid(soon));
    expect(uid(soon)).not.toBe(uid({ ...soon, timestamp: 'later' }));
  });
});

describe('another detection has another uid', () => {
  const differences: [string, JsonObject][] = [
    ['run', { run_id: '2' }],
    ['attempt', { run_attempt: 2 }],
    ['job', { job_id: '2' }],
    ['owner', { owner: 'else' }],
    ['repository', { repo: 'other' }],
    ['detection', { detection: 'other' }],
    ['time', { timestamp: '1753203995' }],
    ['path', { path: '/other' }],
    ['kind', { id: 'Privileged-Container' }],
  ];
  test.each(differences)('because of its %s', (_, fields) => {
    expect(uid(payloadOf('Reverse-Shell', fields))).not.toBe(uid(payloadOf('Reverse-Shell')));
  });
  test.each(differences)('because of its %s, though it is not text', (_, fields) => {
    const [key = ''] = Object.keys(fields);
    if (key === 'id' || key === 'owner' || key === 'repo') return;
    const of = (value: Json): string => uid(payloadOf('Reverse-Shell', { [key]: value }));
    expect(new Set([of({ a: 1 }), of({ a: 2 }), of([1]), of(true), of('{"a":1}')]).size).toBe(5);
  });

  it('because of anything at all, when the natural key is too weak', () => {
    expect(uid({ id: 'Brand-New', a: 1 })).not.toBe(uid({ id: 'Brand-New', a: 2 }));
    const bare = payloadOf('Domain-Blocked', { detection: 'Domain-Blocked' });
    expect(uid({ ...bare, endpoint: 'a' })).not.toBe(uid({ ...bare, endpoint: 'b' }));
  });

  it('because of a UUID in the place of the kind', () => {
    const one = payloadOf(EVENT_ID, { type: 'Brand-New' });
    expect(uid(one)).not.toBe(uid({ ...one, id: EVENT_ID.replace('0', '1') }));
  });
});

describe('event_id', () => {
  const bare = payloadOf('Reverse-Shell');

  it('is bound to kind and repository, and to nothing else', () => {
    const one = { ...bare, event_id: EVENT_ID };
    expect(uid({ ...one, run_id: '2', job_id: '3', detection: 'x', timestamp: '1', path: '/' })).toBe(
      uid(one),
    );
    const others = [{ id: 'Domain-Blocked' }, { owner: 'else' }, { repo: 'else' }, { event_id: 'else' }];
    const uids = [one, ...others.map((over) => ({ ...one, ...over }))].map(uid);
    expect(new Set(uids).size).toBe(5);
  });

  it('is left out in natural mode', () => {
    expect(natural({ ...bare, event_id: EVENT_ID })).toBe(uid(bare));
    expect(natural({ ...bare, event_id: 'other' })).toBe(uid(bare));
  });

  it('is the same as a number and as its digits', () => {
    expect(uid({ ...bare, event_id: 4711 })).toBe(uid({ ...bare, event_id: '4711' }));
    expect(uid({ ...bare, event_id: 4711 })).not.toBe(uid(bare));
  });

  test.each<Json>([
    '',
    ' ',
    null,
    0,
    {},
    [],
    false,
    'unknown',
    'Unknown',
    ' UNKNOWN\n',
    'null',
    'None',
    'n/a',
    'N/A',
    'undefined',
    'nil',
    '<nil>',
    '<no value>',
    '(null)',
    'NaN',
    '-',
    '0',
    '00000000-0000-0000-0000-000000000000',
  ])('%j identifies nothing', (event_id) => {
    expect(uid({ ...bare, event_id })).toBe(uid(bare));
  });

  test.each(['unknown-1', '1', 'none of these', `0${'0'.repeat(80)}`, 'na', 'é'])('%j does', (event_id) => {
    expect(uid({ ...bare, event_id })).not.toBe(uid(bare));
  });
});

describe('threat intelligence', () => {
  const incident = { id: EVENT_ID, type: 'Threat-Intelligence', event_id: 'evt_1', is_active: 'true' };
  it('has another uid when it is closed, and the same one in any spelling', () => {
    for (const uidBy of [uid, natural]) {
      expect(uidBy({ ...incident, is_active: 'false' })).not.toBe(uidBy(incident));
      expect(uidBy({ ...incident, is_active: true })).toBe(uidBy(incident));
    }
  });
  it('is told apart by event_id, then id, then content', () => {
    expect(uid({ ...incident, event_id: 'evt_2' })).not.toBe(uid(incident));
    const { event_id: _, ...bare } = incident;
    expect(uid({ ...bare, id: 'other' })).not.toBe(uid(bare));
    expect(uid({ ...bare, details: 'more is known' })).toBe(uid(bare));
    const { id: __, ...nameless } = bare;
    expect(uid({ ...nameless, title: 'a' })).not.toBe(uid({ ...nameless, title: 'b' }));
  });
});

describe('a state change', () => {
  it('is accepted only from our own API source: in a bucket anybody could have written it', () => {
    const payload = payloadOf('Reverse-Shell', {
      stepsecurity_siem: { change: { from: 'new', to: 'suppressed', counter: 1 } },
    });
    expect(uid(payload)).toBe(uid(payloadOf('Reverse-Shell')));
    expect(read(payload).change).toBeUndefined();
    expect(read(payload, {}, 'api').uid).not.toBe(uid(payload));
  });
  it('is a separate event each time', () => {
    const uids = [
      changeUid('u', 'new', 'suppressed', 1),
      changeUid('u', 'suppressed', 'new', 2),
      changeUid('u', 'new', 'suppressed', 3),
      changeUid('v', 'new', 'suppressed', 1),
    ];
    expect(new Set(uids).size).toBe(4);
  });
});

it('never depends on key order, and is a SHA-256 whatever arrives', () => {
  const payloads = fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<Json>, {
    maxKeys: 6,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(payloads, fc.option(fc.string()), (fields, eventId) => {
      const { data: _, jobs: __, stepsecurity_siem: ___, ...rest } = fields;
      const payload = { ...rest, id: 'Brand-New', ...(eventId === null ? {} : { event_id: eventId }) };
      const turned = Object.fromEntries(Object.entries(payload).toReversed());
      const one = read(JSON.stringify(payload)).uid;
      expect(read(JSON.stringify(turned)).uid).toBe(one);
      expect(one).toMatch(/^[0-9a-f]{64}$/);
    }),
    { numRuns: draws(500) },
  );
});

it('writes keys as JSON does, whatever is in them', () => {
  const odd = fc.oneof(anyText(), fc.string(), fc.constantFrom('a","b', '"', '\\', '\ud800', '\n'));
  fc.assert(
    fc.property(fc.array(odd, { minLength: 6, maxLength: 6 }), (texts) => {
      const [a = '', b = '', c = '', d = '', e = '', f = ''] = texts;
      expect(sixTexts(a, b, c, d, e, f)).toBe(JSON.stringify(texts));
    }),
    { numRuns: draws(2_000) },
  );
});
