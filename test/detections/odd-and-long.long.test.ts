import { describe, expect, it, test } from '@jest/globals';
import { SCHEMAS, type Schema } from '../../src/contracts/schema.ts';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { sized } from '../full.ts';
import { documentsOf } from '../mapping/documents.ts';
import { payloadOf, read } from './harness.ts';

/** Members of a payload that are read as text. */
const TEXTS =
  `name event_id owner owner_repo customer workflow_id workflow_path run_id job job_id detection html_url suppressed_by
  suppress_reason suppress_rule_id resolved_by resolved_reason endpoint direct_ip_address path rule_id repo repository host
  job_name method file type timestamp current_branch_hash default_branch_hash`.split(/\s+/);

describe('a text of another type is kept, with a warning', () => {
  const types: [string, Json][] = [
    ['a boolean', true],
    ['an object', {}],
    ['a list', []],
    ['a list of lists', [['x']]],
  ];
  test.each(types)('%s', (_, value) => {
    for (const key of TEXTS) {
      const { unmapped, warnings } = read({ ...payloadOf('Reverse-Shell'), [key]: value });
      expect(unmapped).toMatchObject({ [key]: value });
      expect(warnings).toContain(`bad_${key}`);
    }
  });
  test('in an object that is read', () => {
    const odd = {
      imposter_commit: { action: true, sha: {}, timestamp: 'soon' },
      tool: { name: ['x'], sha256: false },
      process_events: [{ pid: -1, exe: {}, arguments: 7, armour_event_process: { enforced_protection: 1 } }],
    };
    const { unmapped, warnings } = read(payloadOf('Action-Uses-Imposter-Commit', odd));
    expect(unmapped).toEqual({
      ...odd,
      process_events: [{ pid: -1, exe: {}, arguments: 7, enforced_protection: 1 }],
    });
    expect(warnings).toEqual(
      expect.arrayContaining(['bad_action', 'bad_sha', 'bad_sha256', 'bad_exe', 'bad_pid']),
    );
  });
  test('a number is text', () => {
    const { unmapped, warnings, owner } = read(payloadOf('Reverse-Shell', { owner: 7 }));
    expect([unmapped, warnings, owner]).toEqual([undefined, [], '7']);
  });
});

test.each<[Json]>([['x'], [{}], [7], [[]], [[1, 2]], [[[]]], [[{}]], [[{ x: 1 }]]])(
  'a known kind with data %j is a detection, and keeps that value',
  (data) => {
    const { id, unmapped } = read({ id: 'Reverse-Shell', owner: 'a', timestamp: '1753203994', data });
    expect([id, unmapped]).toEqual(['Reverse-Shell', { data }]);
  },
);

test('a CIM event of megabytes keeps the start of long texts, and says so', () => {
  const payload = payloadOf('Reverse-Shell', {
    long: 'x'.repeat(2_000_000),
    ['k'.repeat(9_000)]: 1,
    small: 1,
  });
  const [event] = documentsOf(read(payload), { schema: 'cim' });
  expect(event).toMatchObject({ parse_warnings: ['long_key_as_text', 'payload_cut'] });
  expect(event?.stepsecurity).toMatchObject({ long: `${'x'.repeat(8_191)}…`, small: 1 });
  expect(JSON.stringify(event).length).toBeLessThan(20_000);
});

describe('a long text', () => {
  const LENGTH = sized(300_000, 100_000);
  const long = (letter: string): string => letter.repeat(LENGTH);
  const bytes = (payload: JsonObject, schema: Schema): number =>
    documentsOf(read(payload), { schema }).reduce((sum, one) => sum + JSON.stringify(one).length, 0);

  it('is written in full once and otherwise shortened, with a warning', () => {
    const detection = read(payloadOf('Reverse-Shell', { name: long('n') }));
    expect(detection.vendor_name).toBe(`${'n'.repeat(999)}…`);
    expect(detection.message.length).toBeLessThan(1_100);
    expect(detection.warnings).toEqual(['long_text_cut']);
    expect(detection.unmapped).toEqual({ name: long('n') });
    expect(detection.payload.name).toBe(long('n'));
  });

  it('is only shortened to what fields accept', () => {
    const command = 'c'.repeat(8_000);
    const { process, unmapped, warnings } = read(
      payloadOf('Reverse-Shell', { process_events: [{ arguments: [command] }] }),
    );
    expect([process?.args, process?.command_line, unmapped, warnings]).toEqual([
      [command],
      command,
      undefined,
      [],
    ]);
  });

  const nested: [string, JsonObject][] = [
    ['action', { imposter_commit: { action: long('a') } }],
    ['sha256', { tool: { name: long('t'), sha256: 'x' } }],
    ['exe', { process_events: [{ exe: `/${long('e')}`, working_directory: long('w') }] }],
    ['arguments', { process_events: [{ arguments: ['sh', long('a')] }] }],
    ['command line', { process_events: [{ arguments: long("'") }] }],
    ['target', { process_events: [{ armour_event_process: { file_info: { target_file: long('/f') } } }] }],
    ['a path of a request', { host: 'a.example', path: `/${long('p')}?${long('q')}` }],
  ];
  const flat = [...TEXTS, 'title', 'check_name', 'incident_url', 'checks_url'].map(
    (key): [string, JsonObject] => [key, { [key]: long('v') }],
  );
  test.each([...flat, ...nested])('in %s does not make the document many times as long', (_, over) => {
    for (const id of ['Reverse-Shell', 'Threat-Intelligence', 'pr_check_failure', 'Secret-In-Artifact']) {
      const payload = payloadOf(id, over);
      const { length } = JSON.stringify(payload);
      for (const schema of SCHEMAS) expect(bytes(payload, schema)).toBeLessThan(1.1 * length + 60_000);
    }
  });
});
