import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { decodeText, payloadOf, profile, read } from './harness.ts';

/** Payload shapes that break parsers, in addition to the edge cases. */

describe('timestamps inside process events', () => {
  test.each(['2025-07-22T17:06:39.374Z', '2025-07-22T17:06:39.374123Z', '2025-07-22T17:06:39.374123456Z'])(
    '%s',
    (timestamp) => {
      const { process, process_events, warnings } = read(
        payloadOf('Reverse-Shell', { process_events: [{ pid: '1', timestamp }] }),
      );
      expect(process?.start).toBe('2025-07-22T17:06:39.374Z');
      expect(process_events?.[0]?.timestamp).toBe(timestamp);
      expect(warnings).toEqual([]);
    },
  );

  it('may be epochs too, and are absent with a warning when they are invalid', () => {
    const at = (timestamp: string) =>
      read(payloadOf('Reverse-Shell', { process_events: [{ pid: 1, timestamp }] }));
    expect(at('1753203994').process?.start).toBe('2025-07-22T17:06:34.000Z');
    expect(at('soon').process?.start).toBeUndefined();
    expect(at('soon').warnings).toEqual(['bad_process_timestamp']);
  });
});

describe('line_number and step_number', () => {
  test.each([
    ['14', '5'],
    [14, 5],
  ])('%j and %j', (line_number, step_number) => {
    const { secret } = read(payloadOf('Secret-In-Build-Log', { line_number, step_number, rule_id: 'x' }));
    expect(secret).toEqual({ rule_id: 'x', line_number: 14, step_number: 5 });
  });

  it('are absent with a warning when they are not numbers', () => {
    const { secret, warnings } = read(
      payloadOf('Secret-In-Build-Log', { line_number: 'x', step_number: '-1', rule_id: 'x' }),
    );
    expect(secret).toEqual({ rule_id: 'x' });
    expect(warnings).toEqual(['bad_line_number', 'bad_step_number']);
  });

  it('name the place together with the job', () => {
    const where = { workflow_path: '.github/workflows/ci.yml', job_name: 'build', rule_id: 'x' };
    const { secret_place } = read(
      payloadOf('Secret-In-Build-Log', { ...where, line_number: '14', step_number: '5' }),
    );
    expect(secret_place).toBe('.github/workflows/ci.yml#job=build;step=5;line=14');
    expect(read(payloadOf('Secret-In-Build-Log', { rule_id: 'x' })).secret_place).toBeUndefined();
  });
});

test('booleans as text', () => {
  const { policy } = read(
    payloadOf('Secrets-Policy-Blocked', {
      workflow_contains_secrets: 'true',
      is_non_default_branch: true,
      workflow_matches_default_ref: 'false',
    }),
  );
  expect(policy).toEqual({
    workflow_contains_secrets: true,
    is_non_default_branch: true,
    workflow_matches_default_ref: false,
  });
  expect(read(payloadOf('Reverse-Shell', { is_suppressed: 'true', is_resolved: 'false' }))).toMatchObject({
    suppressed: true,
    resolved: false,
    event: { kind: 'event' },
  });
});

test('pid and ppid as text, current_pid and target_pid as numbers', () => {
  const armour_event_process = {
    armour_event_kind: 'FILE_READ',
    file_info: { is_write: false, current_pid: 2068, target_pid: 1798, target_exe: 'Runner.Worker' },
    enforced_protection: false,
  };
  const { process_events, warnings } = read(
    payloadOf('Runner-Worker-Memory-Read', {
      process_events: [{ pid: '2068', ppid: '1', armour_event_process }],
    }),
  );
  expect(process_events?.[0]).toEqual({
    pid: 2068,
    ppid: 1,
    event_kind: 'FILE_READ',
    enforced_protection: false,
    target: { pid: 1798, exe: 'Runner.Worker', is_write: false },
  });
  expect(warnings).toEqual([]);
});

describe('endpoint and direct_ip_address', () => {
  const endpointOf = (fields: JsonObject) => read(payloadOf('New-Outbound-Network-Call', fields)).endpoint;

  it('takes the address next to a name', () => {
    expect(endpointOf({ endpoint: 'a.example:443', direct_ip_address: '203.0.113.9' })).toEqual({
      raw: 'a.example:443',
      address: 'a.example',
      domain: 'a.example',
      ip: '203.0.113.9',
      ip_type: 'ipv4',
      port: 443,
    });
  });
  it('takes an address without a name', () => {
    expect(endpointOf({ endpoint: '203.0.113.9:443', direct_ip_address: '203.0.113.9' })?.ip).toBe(
      '203.0.113.9',
    );
    expect(endpointOf({ direct_ip_address: '203.0.113.9' })?.ip).toBe('203.0.113.9');
    expect(endpointOf({ endpoint: ':443', direct_ip_address: '203.0.113.9' })).toEqual({
      raw: ':443',
      address: '203.0.113.9',
      ip: '203.0.113.9',
      ip_type: 'ipv4',
      port: 443,
    });
  });
  it('never takes the sinkhole as the destination', () => {
    expect(endpointOf({ endpoint: 'a.example.', direct_ip_address: '54.185.253.63' })?.ip).toBeUndefined();
    expect(endpointOf({ endpoint: '54.185.253.63:443' })).toEqual({ sinkhole: '54.185.253.63:443' });
  });
});

describe('tool', () => {
  const hash = 'ab'.repeat(32);
  test.each<[JsonObject, object | undefined]>([
    [
      { name: 'curl', sha256: hash.toUpperCase(), parent: 'bash' },
      { name: 'curl', sha256: hash, parent: 'bash' },
    ],
    [
      { name: 'curl', sha256: hash, parent: null },
      { name: 'curl', sha256: hash },
    ],
    [
      { name: 'a', sha256: '', parent: { name: 'bash', sha256: '', parent: null } },
      { name: 'a', parent: 'bash' },
    ],
    [
      {
        name: 'a',
        parent: { name: 'bash', sha256: hash, parent: { name: 'node', sha256: hash, parent: 'npm' } },
      },
      {
        name: 'a',
        parent: 'bash',
        parent_sha256: hash,
        ancestors: [{ name: 'node', sha256: hash }, { name: 'npm' }],
      },
    ],
    [
      { name: 'a', parent: { name: 'bash', parent: { name: '', sha256: '' } } },
      { name: 'a', parent: 'bash' },
    ],
    [
      { name: 'ubuntu:22.04', sha256: 'ubuntu:22.04' },
      { name: 'ubuntu:22.04', image: 'ubuntu:22.04' },
    ],
    [{ name: 'Unknown', sha256: '', parent: 'Unknown' }, undefined],
    [{ name: '', sha256: '', parent: null }, undefined],
  ])('%j', (tool, expected) => {
    expect(read(payloadOf('New-Outbound-Network-Call', { tool })).tool).toEqual(expected);
  });
});

describe('run_attempt', () => {
  const link = 'https://app.stepsecurity.io/github/other/repo/actions/runs/1';
  test.each<[JsonObject, number | undefined]>([
    [{ html_url: `${link}?run_attempt=2` }, 2],
    [{ html_url: `${link}?x=1&runAttempt=3#y` }, 3],
    [{ run_attempt: '4', html_url: `${link}?run_attempt=2` }, 4],
    [{ run_attempt: 5 }, 5],
    [{ html_url: link }, undefined],
    [{ html_url: `${link}?run_attempt=x` }, undefined],
  ])('%j', (fields, attempt) => {
    const detection = read(payloadOf('Reverse-Shell', fields));
    expect(detection.run_attempt).toBe(attempt);
    // The link points to an unrelated run in the samples: nothing else is taken from it.
    expect(detection.run_url).toBe('https://github.com/acme/web/actions/runs/16450863125');
  });
});

test('a job_id that is not a number, type "network" and a link in another form', () => {
  const detection = read(
    payloadOf('New-Outbound-Network-Call', { job_id: 'build-1', type: 'network', html_url: 'not a link' }),
  );
  expect(detection).toMatchObject({ job_id: 'build-1', id: 'New-Outbound-Network-Call' });
  expect(detection.link).toBeUndefined();
  // The id names the kind; a type that disagrees is kept, and so is text that is not a link.
  expect(detection.unmapped).toEqual({ type: 'network', html_url: 'not a link' });
});

describe('the vendor’s grouped document', () => {
  const group = {
    id: 'group-1',
    name: 'a run',
    event_id: 'evt_group',
    owner: 'acme',
    repository: 'acme/web',
    run_id: '7',
    data: [
      { id: 'Reverse-Shell', detection: 'a', timestamp: '1753203994' },
      { id: 'Domain-Blocked', detection: 'b', timestamp: '1753203995', run_id: '8', endpoint: 'x.example.' },
    ],
  };

  it('adds the parent’s fields, but not its ids, to each member that lacks them', () => {
    const entries = decodeText(JSON.stringify(group));
    const found = entries.flatMap((entry) => ('detection' in entry ? [entry.detection] : []));
    expect(found.map(({ id, repo, run_id }) => [id, repo.full, run_id])).toEqual([
      ['Reverse-Shell', 'acme/web', '7'],
      ['Domain-Blocked', 'acme/web', '8'],
    ]);
    expect(found[0]?.name).not.toBe('a run');
    for (const { unmapped } of found)
      expect(unmapped).toMatchObject({ parent_name: group.name, parent_event_id: group.event_id });
    expect(new Set(found.map(({ uid }) => uid)).size).toBe(2);
  });

  it('gives each member the uid it has alone, even one without the fields that tell findings apart', () => {
    const { data, ...parent } = group;
    const bare = { id: 'Reverse-Shell', timestamp: '1753203994', owner: parent.owner };
    const [inside] = decodeText(JSON.stringify({ id: 'g', name: 'a run', event_id: 'e0', data: [bare] }));
    expect(inside !== undefined && 'detection' in inside && inside.detection.uid).toBe(read(bare).uid);
    const alone = read({
      owner: parent.owner,
      repository: parent.repository,
      run_id: parent.run_id,
      ...data[0],
    });
    const [first] = decodeText(JSON.stringify(group));
    expect(first !== undefined && 'detection' in first && first.detection.uid).toBe(alone.uid);
  });

  it('counts an empty one', () => {
    expect(decodeText('{"id":"g","data":[]}')).toEqual([{ filtered: 'empty_group' }]);
  });
});

describe('kinds that are named by type, and unknown kinds', () => {
  const uuid = '0b54f2b2-9f37-4c36-8a47-1cf0cf0fb1a3';
  test('threat intelligence and checks', () => {
    const incident = profile('Threat-Intelligence', { dataset: 'threat_intel' });
    const intel = read(
      { id: uuid, type: 'Threat-Intelligence', title: 'Bad', is_active: 'true' },
      { profile: () => incident },
    );
    expect([intel.id, intel.name, intel.repo.forge]).toEqual(['Threat-Intelligence', 'Bad', undefined]);
    expect(read({ type: 'pr_check_failure', check_name: 'c', owner: 'a', repo: 'b' }).id).toBe(
      'pr_check_failure',
    );
  });
  test('a known id with such a type keeps its kind', () => {
    expect(read(payloadOf('Reverse-Shell', { type: 'Threat-Intelligence' })).profile.kind).toBe(
      'Reverse-Shell',
    );
  });
  test('an unknown id goes through _unknown, complete', () => {
    const payload = payloadOf('Brand-New', { novelty: { a: [1] } });
    const detection = read(payload);
    expect(detection).toMatchObject({
      id: 'Brand-New',
      profile: { kind: '_unknown' },
      warnings: ['unknown_type'],
    });
    expect(detection.unmapped).toEqual(payload);
  });
  test('an unknown id that is a UUID is named by its type', () => {
    expect(read({ id: uuid, type: 'Something-Else' }).id).toBe('Something-Else');
    expect(read({ id: uuid }).id).toBe('_unknown');
  });
  test('kinds may have names that every object has', () => {
    for (const id of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(read({ id }, { severity: { 'Reverse-Shell': 'low' } })).toMatchObject({
        id,
        severity: { word: 'medium' },
      });
    }
  });
  test('the document of a whole run is not a detection', () => {
    expect(decodeText('{"id":"run-1","jobs":[]}')).toEqual([{ filtered: 'insights' }]);
  });
});

test('unknown fields of a known kind are kept, nested ones too', () => {
  const { unmapped } = read(
    payloadOf('Action-Uses-Imposter-Commit', {
      novelty: { a: 1 },
      imposter_commit: { action: 'o/r', mood: 'bad' },
      process_events: [{ pid: '1', container_id: 'c1', armour_event_process: { file_info: { inode: 5 } } }],
      nothing: null,
      empty: '',
    }),
  );
  expect(unmapped).toEqual({
    novelty: { a: 1 },
    imposter_commit: { mood: 'bad' },
    process_events: [{ container_id: 'c1', inode: 5 }],
  });
});

test('a known field with an unexpected shape is kept too', () => {
  const { unmapped, endpoint } = read(
    payloadOf('New-Outbound-Network-Call', { endpoint: ['a.example:443', 'b.example:443'], tool: 'curl' }),
  );
  expect(endpoint).toBeUndefined();
  expect(unmapped).toEqual({ endpoint: ['a.example:443', 'b.example:443'], tool: 'curl' });
});

test.each<[string, JsonObject, JsonObject | undefined]>([
  ['a job_name next to another job', { job: 'a', job_name: 'b' }, { job_name: 'b' }],
  ['the same job twice', { job: 'a', job_name: 'a' }, undefined],
  [
    'a host next to another endpoint',
    { endpoint: 'a.example.', host: '*.b.example' },
    { host: '*.b.example' },
  ],
  [
    'a host next to another endpoint and another URL',
    { endpoint: 'a.example:443', host: 'b.example', path: 'https://c.example/' },
    { host: 'b.example' },
  ],
  ['a host next to another URL', { host: 'b.example', path: 'https://c.example/' }, undefined],
  [
    'a host next to another endpoint and its own URL',
    { endpoint: 'a.example:443', host: 'c.example', path: 'https://C.example:1/' },
    undefined,
  ],
  ['a host that is the endpoint’s', { endpoint: 'a.example:443', host: 'a.example' }, undefined],
  ['a file next to a request', { host: 'a.example', file: 'b' }, { file: 'b' }],
  ['a method without a host', { method: 'GET' }, { method: 'GET' }],
  ['a file that does not match the path', { path: '/a/b', file: 'c' }, { file: 'c' }],
  ['a file that matches the path', { path: '/a/b', file: 'b' }, undefined],
  ['another repository', { owner_repo: 'a/b', repository: 'c/d' }, { repository: 'c/d' }],
  ['another repo', { owner_repo: 'a/b', repo: 'c' }, { repo: 'c' }],
  ['a time that cannot be read', { timestamp: 'yesterday' }, { timestamp: 'yesterday' }],
  [
    "a parent's hash",
    { tool: { name: 'sh', parent: { name: 'make', sha256: 'f00d' } } },
    { tool: { parent: { sha256: 'f00d' } } },
  ],
  [
    'an unknown member of a parent’s parent',
    { tool: { name: 'sh', parent: { name: 'make', sha256: '', parent: { name: 'init', mood: 'bad' } } } },
    { tool: { parent: { parent: { mood: 'bad' } } } },
  ],
  [
    'a parent with known members only',
    {
      tool: {
        name: 'sh',
        parent: { name: 'make', sha256: 'ab'.repeat(32), parent: { name: 'x', sha256: '', parent: null } },
      },
    },
    undefined,
  ],
  ['what the vendor made of two members', { id_timestamp: 'Reverse-Shell-1753203994' }, undefined],
])('%s is kept when no field holds it', (_, fields, kept) => {
  const base = { id: 'Reverse-Shell', owner: 'a', timestamp: '1753203994' };
  expect(read({ ...base, ...fields }).unmapped).toEqual(kept);
});

test.each([
  ['', '1'],
  ['next to a secret', `"${['ghp', '0123456789abcdefghijABCDEFGHIJ012345'].join('_')}"`],
])('a member with a name that every object has is kept %s', (_, value) => {
  const payload = JSON.parse(
    `{"id":"Reverse-Shell","owner":"a","__proto__":{"x":${value}},"tool":{"name":"sh","__proto__":2}}`,
  );
  const kept = JSON.stringify(read(payload).unmapped);
  expect(kept).toMatch(/"__proto__":\{"x":.*\}.*"tool":\{"__proto__":2\}/);
  expect(kept).not.toContain('ghp_0');
});

test('who suppressed or resolved it, and why, are facts of the detection and of the change', () => {
  const payload = payloadOf('Reverse-Shell', {
    suppressed_by: 'alice',
    suppress_reason: 'a test',
    suppress_rule_id: 17,
    resolved_by: 'bob',
    resolved_reason: 'done',
  });
  const { state, related, change } = read(payload);
  expect(state).toEqual({
    suppressed_by: 'alice',
    suppress_reason: 'a test',
    suppress_rule_id: '17',
    resolved_by: 'bob',
    resolved_reason: 'done',
  });
  expect(related.user).toEqual(['alice', 'bob']);
  expect(change).toBeUndefined();
  const changeTo = (to: string) =>
    read({ ...payload, stepsecurity_siem: { change: { from: 'x', to, counter: 1 } } }, {}, 'api').change;
  expect(changeTo('suppressed')).toMatchObject({ by: 'alice', reason: 'a test', rule_id: '17' });
  expect(changeTo('resolved')).toMatchObject({ by: 'bob', reason: 'done' });
  expect(changeTo('resolved')?.rule_id).toBeUndefined();
  expect(changeTo('new')?.by).toBeUndefined();
});

test('the ids as received, the group, the tenant and the origin', () => {
  const long = 'x'.repeat(200);
  expect(read(payloadOf('Reverse-Shell', { event_id: 'e1', parent_id: 'p1', customer: 'c1' }))).toMatchObject(
    {
      event_id: 'e1',
      vendor_id: undefined,
      parent_id: 'p1',
      customer: 'c1',
      origin: '/in/one.json',
    },
  );
  expect(read(payloadOf('Reverse-Shell', { event_id: long })).event_id).toBe(long);
  expect(read({ id: 'uuid-1', type: 'Threat-Intelligence' }).vendor_id).toBe('uuid-1');
  const row = { ...payloadOf('Reverse-Shell'), stepsecurity_siem: { row_id: 'a#b' } };
  expect(read(row, {}, 'api').vendor_id).toBe('a#b');
  expect(read(row).vendor_id).toBeUndefined();
});
