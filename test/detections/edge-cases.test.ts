import { describe, expect, it, test } from '@jest/globals';
import { isObject } from '../../src/contracts/json.ts';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { text as textOf } from '../../src/detections/scalars.ts';
import { loadMappings } from '../../src/mapping/load.ts';
import { compileMapper } from '../../src/mapping/mapper.ts';
import type { MapperOptions } from '../../src/mapping/options.ts';
import { decodeText, faultOf, payloadOf, RECEIVED, read } from './harness.ts';

/** Payloads that a careless reader gets wrong, case by case. */

const ecsOptions: MapperOptions = {
  schema: 'ecs',
  version: '1.2.3',
  labels: {},
  tags: [],
  preserveOriginal: true,
  quiet: false,
  namespace: 'default',
  cimProfile: 'best_fit',
};

function ecs(payload: JsonObject): { text: string; at: (path: string) => string } {
  const map = compileMapper(loadMappings(), ecsOptions);
  const text = map(read(payload))[0]?.json.toString() ?? '';
  const at = (path: string): string => {
    const found = path
      .split('.')
      .reduce<Json | undefined>(
        (node, key) => (isObject(node) ? node[key] : undefined),
        JSON.parse(text) as Json,
      );
    return textOf(found) ?? '';
  };
  return { text, at };
}

const endpointOf = (endpoint: string, over: JsonObject = {}) =>
  read(payloadOf('New-Outbound-Network-Call', { endpoint, ...over }));
const withProcess = (event: JsonObject, id = 'Privileged-Container') =>
  read(payloadOf(id, { process_events: [event] }));

test('row 1: an epoch as text becomes a number, and a date for ECS', () => {
  const { time, time_seconds, time_iso, warnings } = read(payloadOf('Reverse-Shell'));
  expect({ time, time_seconds, time_iso, warnings }).toEqual({
    time: 1_753_203_994_000,
    time_seconds: 1_753_203_994,
    time_iso: '2025-07-22T17:06:34.000Z',
    warnings: [],
  });
});

describe('row 2: every form of a timestamp', () => {
  test.each<[Json, string]>([
    ['2025-07-22T17:06:34Z', '2025-07-22T17:06:34.000Z'],
    ['2025-07-22T19:06:34.5+02:00', '2025-07-22T17:06:34.500Z'],
    [1_753_203_994, '2025-07-22T17:06:34.000Z'],
    [1_753_203_994.25, '2025-07-22T17:06:34.250Z'],
    ['1753203994123', '2025-07-22T17:06:34.123Z'],
    [1_753_203_994_123, '2025-07-22T17:06:34.123Z'],
  ])('%j parses', (timestamp, iso) => {
    const { time_iso, time_is_receipt, warnings } = read(payloadOf('Reverse-Shell', { timestamp }));
    expect({ time_iso, time_is_receipt, warnings }).toEqual({
      time_iso: iso,
      time_is_receipt: false,
      warnings: [],
    });
  });

  test.each<[string, Json]>([
    ['empty', ''],
    ['zero', '0'],
    ['2099', '4070908800'],
    ['2099 as a date', '2099-01-01T00:00:00Z'],
    ['1999', '1999-01-01T00:00:00Z'],
    ['null', null],
    ['an object', {}],
    ['a year', '2025'],
    ['an invalid day', '2025-02-30T10:00:00Z'],
    ['words', 'yesterday'],
    ['eleven digits', '17532039941'],
  ])('%s falls back to the time of receipt, with a warning', (_, timestamp) => {
    const { time, time_is_receipt, warnings } = read(payloadOf('Reverse-Shell', { timestamp }));
    expect({ time, time_is_receipt, warnings }).toEqual({
      time: RECEIVED,
      time_is_receipt: true,
      warnings: ['bad_timestamp'],
    });
  });

  it('is that of the incident when there is no timestamp', () => {
    const { time_iso } = read({
      id: 'x',
      type: 'Threat-Intelligence',
      incident_start_time: '2025-03-14T00:00:00Z',
    });
    expect(time_iso).toBe('2025-03-14T00:00:00.000Z');
  });
});

test('row 3: id_timestamp is ignored', () => {
  const with3 = read(payloadOf('Actions-Policy-Blocked', { id_timestamp: '1753885200' }));
  expect(with3.time).toBe(1_753_203_994_000);
  expect(with3.unmapped).toBeUndefined();
  expect(with3.uid).toBe(read(payloadOf('Actions-Policy-Blocked')).uid);
});

test('row 4: nine fractional digits: cut for process.start, complete in the event', () => {
  const { process, process_events } = withProcess({ pid: '1', timestamp: '2025-07-23T06:47:07.869380629Z' });
  expect(process?.start).toBe('2025-07-23T06:47:07.869Z');
  expect(process_events?.[0]?.timestamp).toBe('2025-07-23T06:47:07.869380629Z');
});

test('row 5: one trailing dot is removed, the name is lowercased, and it counts as a DNS question', () => {
  const raw = '0.TCP.us-cal-1.ngrok.io.';
  const { endpoint } = read(payloadOf('Domain-Blocked', { endpoint: raw }));
  expect(endpoint).toEqual({
    raw,
    address: '0.tcp.us-cal-1.ngrok.io',
    domain: '0.tcp.us-cal-1.ngrok.io',
    dns_name: '0.tcp.us-cal-1.ngrok.io',
  });
  expect(endpointOf('host.example..').endpoint).toEqual({ raw: 'host.example..' });
  const { at } = ecs(payloadOf('Domain-Blocked', { endpoint: raw }));
  expect(at('dns.question.name')).toBe('0.tcp.us-cal-1.ngrok.io');
  expect(at('stepsecurity.endpoint')).toBe(raw);
});

describe('rows 6 to 10: addresses and ports', () => {
  test.each<[string, string, object, string[]]>([
    ['row 6', 'host:443', { address: 'host', domain: 'host', port: 443 }, []],
    [
      'row 6',
      '203.0.113.9:8443',
      { address: '203.0.113.9', ip: '203.0.113.9', ip_type: 'ipv4', port: 8443 },
      [],
    ],
    [
      'row 7',
      '[2606:4700::1111]:443',
      { address: '2606:4700::1111', ip: '2606:4700::1111', ip_type: 'ipv6', port: 443 },
      [],
    ],
    [
      'row 7',
      '[2606:4700::1111]',
      { address: '2606:4700::1111', ip: '2606:4700::1111', ip_type: 'ipv6' },
      [],
    ],
    ['row 8', '2606:4700::1111', { address: '2606:4700::1111', ip: '2606:4700::1111', ip_type: 'ipv6' }, []],
    [
      'row 9',
      '2606:4700::1111:443',
      { address: '2606:4700::1111:443', ip: '2606:4700::1111:443', ip_type: 'ipv6' },
      ['ambiguous_ipv6'],
    ],
    ['row 10', '[fe80::1%eth0]:80', { address: 'fe80::1', ip: 'fe80::1', ip_type: 'ipv6', port: 80 }, []],
  ])('%s: %s', (_, raw, expected, warnings) => {
    const detection = endpointOf(raw);
    expect(detection.endpoint).toEqual({ raw, ...expected });
    expect(detection.warnings).toEqual(warnings);
  });

  it('row 7: url.domain keeps the brackets, destination.ip does not', () => {
    const { http, endpoint } = read(
      payloadOf('HTTPS-Outbound-Network-Call', { host: '[2606:4700::1111]:443', method: 'GET', path: '/x' }),
    );
    expect(http?.domain).toBe('[2606:4700::1111]');
    expect(http?.full).toBe('https://[2606:4700::1111]:443/x');
    expect(endpoint?.ip).toBe('2606:4700::1111');
  });
});

describe('an endpoint with more than host and port', () => {
  const evil = { address: 'evil.example', domain: 'evil.example' };
  const buecher = { address: 'xn--bcher-kva.example', domain: 'xn--bcher-kva.example' };
  test.each<[string, object]>([
    ['https://evil.example/path', evil],
    ['HTTPS://Evil.Example:8443?x=1', { ...evil, port: 8_443 }],
    ['https://user:word@evil.example:1#f', { ...evil, port: 1 }],
    [
      'https://[2001:db8::9]:443/x',
      { address: '2001:db8::9', ip: '2001:db8::9', ip_type: 'ipv6', port: 443 },
    ],
    [
      'tcp://203.0.113.9:4444',
      { address: '203.0.113.9', ip: '203.0.113.9', ip_type: 'ipv4', port: 4_444, transport: 'tcp' },
    ],
    ['evil.example:443/tcp', { ...evil, port: 443, transport: 'tcp' }],
    ['evil.example:53/UDP', { ...evil, port: 53, transport: 'udp' }],
    ['evil.example/path', evil],
    ['user@evil.example:443', { ...evil, port: 443 }],
    ['user:word@evil.example:53/udp', { ...evil, port: 53, transport: 'udp' }],
    ['git@[2001:db8::9]:22', { address: '2001:db8::9', ip: '2001:db8::9', ip_type: 'ipv6', port: 22 }],
    ['evil.example.:443', { ...evil, port: 443, dns_name: 'evil.example' }],
    ['bücher.example:443', { ...buecher, port: 443 }],
    ['BÜCHER.example.', { ...buecher, dns_name: 'xn--bcher-kva.example' }],
    ['https://bücher.example/ü', buecher],
    ['１２７.0.0.1:80', { address: '127.0.0.1', ip: '127.0.0.1', ip_type: 'ipv4', port: 80 }],
  ])('%s', (raw, expected) => {
    const { endpoint, warnings } = endpointOf(raw);
    expect(endpoint).toEqual({ raw: raw.replace('//user:word@', '//[REDACTED:url-userinfo]@'), ...expected });
    expect(warnings).toEqual([]);
  });
});

describe('row 11: not an endpoint', () => {
  test.each<[string, object, string[]]>([
    ['host:99999', { address: 'host', domain: 'host' }, ['bad_port']],
    ['host:0', { address: 'host', domain: 'host' }, ['bad_port']],
    ['host:', { address: 'host', domain: 'host' }, ['bad_port']],
    ['host:https', { address: 'host', domain: 'host' }, ['bad_port']],
    ['*.x.io', {}, ['endpoint_not_a_host']],
    ['10.0.0.0/8', {}, ['endpoint_not_a_host']],
    ['/a/path', {}, ['endpoint_not_a_host']],
    ['http://', {}, ['endpoint_not_a_host']],
    [':443', {}, ['endpoint_not_a_host']],
    ['[]:443', {}, ['endpoint_not_a_host']],
    [':', {}, ['bad_port', 'endpoint_not_a_host']],
    ['443', {}, ['endpoint_not_a_host']],
    ['10.0.0.256', {}, ['endpoint_not_a_host']],
    ['user@', {}, ['endpoint_not_a_host']],
    ['a b', {}, ['endpoint_not_a_host']],
    [`${'a'.repeat(64)}.io`, {}, ['endpoint_not_a_host']],
    [`${'a.'.repeat(130)}io`, {}, ['endpoint_not_a_host']],
  ])('%s', (raw, expected, warnings) => {
    const detection = endpointOf(raw);
    expect(detection.endpoint).toEqual({ raw, ...expected });
    expect(detection.warnings).toEqual(warnings);
  });

  it('is absent when empty', () => expect(endpointOf('').endpoint).toBeUndefined());
});

describe('row 12: the name of a job', () => {
  test.each<[JsonObject, string | undefined]>([
    [{ job: 'build' }, 'build'],
    [{ job_name: 'build' }, 'build'],
    [{ job: 'one', job_name: 'two' }, 'one'],
    [{ job: '', job_name: 'two' }, 'two'],
    [{}, undefined],
  ])('%j', (fields, name) => {
    expect(read(payloadOf('Secret-In-Build-Log', fields)).job_name).toBe(name);
  });
});

test('row 13: "true/false" is absent, with a warning', () => {
  const { policy, warnings } = read(
    payloadOf('Secrets-Policy-Blocked', {
      workflow_contains_secrets: 'true/false',
      is_non_default_branch: 'true',
    }),
  );
  expect(policy).toEqual({ is_non_default_branch: true });
  expect(warnings).toEqual(['bad_workflow_contains_secrets']);
});

test('row 14: only the length of a masked secret is kept, and redaction does not change the uid', () => {
  const mask = `-Q${'*'.repeat(729)}7-`;
  const payload = payloadOf('Secret-In-Build-Log', { secret: mask, rule_id: 'private-key' });
  const detection = read(payload);
  expect(detection.secret).toEqual({ rule_id: 'private-key', masked_length: 733 });
  expect(JSON.stringify(detection)).not.toContain('-Q*');
  expect(ecs(payload).text).not.toContain('-Q*');
  expect(ecs(payload).at('event.original')).toContain('private-key');
  expect(detection.uid).toBe(read(payloadOf('Secret-In-Build-Log', { rule_id: 'private-key' })).uid);
});

test('row 15: dots inside an array are not JSON', () => {
  expect(
    faultOf('{"id":"Runs-On-Policy-Blocked","runs_on_labels_not_allowed":["label1", "label2", ...]}'),
  ).toBe('invalid_json');
});

test('row 16: the last of duplicate keys wins, and the id determines the kind', () => {
  const text =
    '{"id":"Domain-Blocked","type":"Domain-Blocked","endpoint":"a.example","endpoint":"b.example","type":"Secret-In-Build-Log","detection":"d"}';
  const detection = read(text);
  expect(detection.profile.kind).toBe('Domain-Blocked');
  expect(detection.endpoint?.domain).toBe('b.example');
});

test('row 17: a baseline of 10,000 is capped, and its count is kept', () => {
  const expected_outbound_connections = Array.from({ length: 10_000 }, (_, at) => `h${at}.example:443`);
  const detection = read(payloadOf('New-Outbound-Network-Call', { expected_outbound_connections }));
  expect(detection.expected?.connections).toHaveLength(500);
  expect(detection.expected?.count).toBe(10_000);
  expect(detection.warnings).toContain('list_capped');
});

describe('row 18: no process, or the first of several', () => {
  test('none', () => {
    const { process, process_events } = read(payloadOf('Reverse-Shell', { process_events: [] }));
    expect([process, process_events]).toEqual([undefined, undefined]);
  });
  test('several', () => {
    const { process, process_events } = read(
      payloadOf('Reverse-Shell', {
        process_events: [
          { pid: '1', exe: '/bin/a' },
          { pid: '2', exe: '/bin/b' },
        ],
      }),
    );
    expect(process).toEqual({ pid: 1, executable: '/bin/a', name: 'a' });
    expect(process_events).toHaveLength(2);
  });
  test('invalid entries', () => {
    const detection = read(payloadOf('Reverse-Shell', { process_events: [null, 'x', { pid: 7 }] }));
    expect(detection.process?.pid).toBe(7);
    expect(detection.warnings).toEqual(['bad_process_event']);
  });
});

test('row 19: a bare exe is only a name', () => {
  expect(withProcess({ exe: 'python3' }).process).toEqual({ name: 'python3' });
  expect(withProcess({ exe: '/usr/bin/python3' }).process).toEqual({
    name: 'python3',
    executable: '/usr/bin/python3',
  });
});

describe('row 20: arguments', () => {
  test('one string is a command line', () => {
    expect(withProcess({ arguments: 'sh -c "ls"' }).process).toEqual({ command_line: 'sh -c "ls"' });
  });
  test('a list is argv, quoted in the command line where necessary', () => {
    expect(withProcess({ arguments: ['sh', '-c', "echo 'a b'", ''] }).process).toEqual({
      args: ['sh', '-c', "echo 'a b'", ''],
      args_count: 4,
      command_line: `sh -c 'echo '\\''a b'\\''' ''`,
    });
  });
  test('missing', () => {
    expect(withProcess({ pid: 1, arguments: [] }).process).toEqual({ pid: 1 });
    expect(withProcess({ pid: 1, arguments: { a: 1 } }).process).toEqual({ pid: 1 });
  });
});

describe('row 21: an invalid pid', () => {
  test.each<[Json]>([['abc'], [-5], ['-5'], [2 ** 53], ['99999999999999999999'], [1.5], [true], [{}]])(
    '%j',
    (pid) => {
      const detection = withProcess({ pid, exe: '/bin/sh' });
      expect(detection.process?.pid).toBeUndefined();
      expect(detection.warnings).toEqual(['bad_pid']);
    },
  );
});

test('row 22: a current_pid that differs is a warning, and pid stays', () => {
  const armour_event_process = {
    file_info: { current_pid: 9, target_pid: 1798, target_file: '/proc/1798/mem' },
  };
  const detection = withProcess({ pid: '2068', armour_event_process });
  expect(detection.process?.pid).toBe(2068);
  expect(detection.warnings).toEqual(['pid_mismatch']);
  expect(detection.process_events?.[0]?.target).toEqual({ pid: 1798, file: '/proc/1798/mem' });
});

describe('row 23: repositories', () => {
  const url = 'https://github.com/acme/web';
  test.each<[JsonObject, object]>([
    [
      { owner: 'acme', repo: 'web' },
      { full: 'acme/web', name: 'web', url },
    ],
    [
      { owner: 'acme', repo: 'acme/web' },
      { full: 'acme/web', name: 'web', url },
    ],
    [
      { owner: 'acme', repo: 'web', owner_repo: 'other/web' },
      { full: 'other/web', name: 'web', url: 'https://github.com/other/web' },
    ],
    [
      { owner: 'else', repo: 'acme/web' },
      { full: 'acme/web', name: 'web', url },
    ],
    [
      { owner: 'org::broker::org', repo: 'web' },
      { full: 'org::broker::org/web', name: 'web' },
    ],
    [
      { owner: 'org::broker::org', repo: 'org::broker::org/web' },
      { full: 'org::broker::org/web', name: 'web' },
    ],
    [{ owner: '', repo: 'web' }, { name: 'web' }],
    [{ owner: 'acme', repo: '' }, {}],
  ])('%j', (fields, repo) => {
    const { forge: _, ...rest } = read(payloadOf('Reverse-Shell', fields)).repo;
    expect(rest).toEqual(repo);
  });
});

test('row 24: a workflow_id with slashes does not change', () => {
  const workflow_id = 'step-security-acme/web-.github-workflows-a.yml';
  expect(read(payloadOf('Reverse-Shell', { workflow_id })).workflow_id).toBe(workflow_id);
});

describe('rows 25 and 26: files', () => {
  test.each<[string, object]>([
    ['README.MD', { name: 'README.MD', extension: 'MD' }],
    [
      '/home/runner/work/a/README.MD',
      { name: 'README.MD', directory: '/home/runner/work/a', extension: 'MD' },
    ],
    ['../up/./x.tar.gz', { name: 'x.tar.gz', directory: '../up/.', extension: 'gz' }],
    ['C:\\a\\b.txt', { name: 'b.txt', directory: 'C:\\a', extension: 'txt' }],
    ['C:/a/b.txt', { name: 'b.txt', directory: 'C:/a', extension: 'txt' }],
    ['a\\b.txt', { name: 'a\\b.txt', extension: 'txt' }],
    ['/etc', { name: 'etc', directory: '/' }],
    ['.bashrc', { name: '.bashrc' }],
    ['dir/', { directory: 'dir' }],
    ['name.', { name: 'name.' }],
    ['/proc/1798/mem', { name: 'mem', directory: '/proc/1798' }],
  ])('%s', (path, expected) => {
    expect(read(payloadOf('Source-Code-Overwritten', { path })).file).toEqual({ path, ...expected });
  });
});

describe('row 27: the repository of an action', () => {
  test.each<[string, string | undefined]>([
    ['o/r', 'https://github.com/o/r'],
    ['o/r@v1', 'https://github.com/o/r'],
    ['o/r/sub@v1', 'https://github.com/o/r'],
    ['docker://img', undefined],
    ['./x', undefined],
    ['./x/y', undefined],
    ['../x/y', undefined],
    ['only', undefined],
  ])('%s', (action, reference) => {
    const { imposter } = read(payloadOf('Action-Uses-Imposter-Commit', { imposter_commit: { action } }));
    expect(imposter?.reference).toBe(reference);
    expect(imposter?.action).toBe(action);
  });
});

test('row 28: a long text is kept, and the reason is cut', () => {
  const long = 'x'.repeat(5_000);
  const { at } = ecs(payloadOf('Source-Code-Overwritten', { path: `/${long}`, file: long }));
  expect(at('file.path')).toHaveLength(5_001);
  expect(at('event.reason').length).toBeLessThanOrEqual(1_024);
});

test('row 29: the same detection has one uid by webhook and by S3', () => {
  const s3 = payloadOf('New-Outbound-Network-Call', { owner_repo: 'acme/web', repo: 'acme/web' });
  const webhook = payloadOf('New-Outbound-Network-Call', {
    timestamp: 1_753_203_994,
    run_id: 16_450_863_125,
    html_url: 'https://app.stepsecurity.io/somewhere',
  });
  expect(read(webhook).uid).toBe(read(s3).uid);
});

test('row 30: a later, suppressed copy has the same uid; a change has its own', () => {
  const plain = read(payloadOf('Reverse-Shell'));
  const suppressed = read(payloadOf('Reverse-Shell', { is_suppressed: true, suppressed_by: 'me' }));
  expect(suppressed.uid).toBe(plain.uid);
  expect(suppressed.event.kind).toBe('event');
  const change = { from: 'new', to: 'suppressed', counter: 1 };
  const changed = read(payloadOf('Reverse-Shell', { stepsecurity_siem: { change } }), {}, 'api');
  expect(changed.uid).not.toBe(plain.uid);
  expect(changed.event.action).toBe('detection-suppressed');
  expect(changed.change).toEqual({ ...change, uid: plain.uid, severity: 'medium' });
});

describe('row 31: no usable id', () => {
  test.each<[string, string]>([
    ['{"id":null,"detection":"x"}', 'missing_id'],
    ['{"id":7}', 'missing_id'],
    ['{"id":""}', 'missing_id'],
    ['{"id":["Reverse-Shell"]}', 'missing_id'],
    ['{"detection":"x"}', 'missing_id'],
    ['{}', 'missing_id'],
    ['null', 'not_an_object'],
    ['[]', 'not_an_object'],
    ['"Reverse-Shell"', 'not_an_object'],
    ['42', 'not_an_object'],
    ['{"id":', 'invalid_json'],
    ['', 'invalid_json'],
  ])('%s', (text, code) => {
    expect(faultOf(text)).toBe(code);
  });

  it('is a separate fault in a group, and the others go on', () => {
    const entries = decodeText(JSON.stringify({ data: [null, payloadOf('Reverse-Shell'), { id: 1 }] }));
    expect(entries.map((entry) => ('fault' in entry ? entry.fault.code : 'detection'))).toEqual([
      'not_an_object',
      'detection',
      'missing_id',
    ]);
    expect(entries.map(({ index }) => index)).toEqual([0, 1, 2]);
  });
});

test('row 32: lone surrogates and control characters are replaced in the document', () => {
  const { text, at } = ecs(
    payloadOf('Reverse-Shell', {
      job: 'a\ud800b\u0000c\u0007d',
      name: 'n\udfff',
      extra: { 'k\u0001': 'v\u0000' },
    }),
  );
  expect(text).not.toMatch(/\\u(?:00[01][0-9a-f]|d[89a-f][0-9a-f]{2})/i);
  expect(text).toContain('a\ufffdb\ufffdc\ufffdd');
  expect(at('event.original')).not.toMatch(/\\u0000|\\ud800/i);
});
