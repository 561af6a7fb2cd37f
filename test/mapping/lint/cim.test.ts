import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../../src/contracts/types.ts';
import { beyondModels, lintCim as lint } from '../../../src/mapping/lint/cim.ts';
import { MAPPINGS } from '../samples.ts';
import { lintTags, NO_MODEL } from './cim.ts';
import { type CimEvent, readEvents } from './events.ts';

const events = readEvents();
const beyond = beyondModels(MAPPINGS.common);

function lintCim(event: JsonObject, model: string): string[] {
  return lint(model === NO_MODEL ? event : { ...event, cim_model: model }, beyond);
}

describe.each(['best_fit', 'alerts_only', 'activity', 'state_change'] as const)('profile %s', (profile) => {
  const own = events.filter((event) => event.profile === profile);

  it.each([...new Set(own.map(({ sample }) => sample))])('%s fits its data model', (sample) => {
    const problems = own
      .filter((event) => event.sample === sample)
      .flatMap(({ event, model }) => [
        ...lintCim(event, model),
        ...(model === NO_MODEL ? [] : lintTags(event, model)),
      ]);
    // Letter case distinguishes methods: the payload has the method as it was sent.
    expect(problems.filter((problem) => !problem.startsWith('http_method: post '))).toEqual([]);
  });

  it.each(own)('$sample names its model', ({ event, model }) => {
    expect(event.cim_model ?? NO_MODEL).toBe(model);
  });
});

test('numbers are numbers', () => {
  const numeric = /^(?:event_time|severity_id|run_attempt|file_modify_time|.*_port|(?:parent_)?process_id)$/;
  const texts = events.flatMap(({ event }) =>
    Object.entries(event).filter(([field, value]) => numeric.test(field) && typeof value !== 'number'),
  );
  expect(texts).toEqual([]);
});

test("CIM fields come before the vendor's payload", () => {
  for (const { event, profile } of events) {
    expect(Object.keys(event).indexOf('stepsecurity')).toBe(
      profile === 'activity' ? -1 : Object.keys(event).length - 1,
    );
  }
});

/** An event with a mistake, and what the lint says about it. */
const BREAKS: readonly [string, (event: JsonObject) => void, string][] = [
  ['a typo', (event) => (event.sevrity = 'low'), 'sevrity: unknown field; did you mean severity?'],
  [
    'a field that belongs to Splunk',
    (event) => (event.dest_priority = 'high'),
    'dest_priority: only Splunk may set it',
  ],
  ['a value outside the list', (event) => (event.action = 'deferred'), 'action: deferred is not allowed'],
  ['an unknown severity', (event) => (event.severity = 'serious'), 'severity: serious is not allowed'],
  [
    'a kind of system that the models lack',
    (event) => (event.ids_type = 'application'),
    'ids_type: application is not allowed',
  ],
  ['a list', (event) => (event.dest = ['a', 'b']), 'dest: is a list'],
  ['a lone technique', (event) => (event.mitre_technique_id = 'T1071'), 'mitre_technique_id: must be a list'],
  ['a number as text', (event) => (event.dest_port = '443'), 'dest_port: 443 is not a number'],
  ['a word for nothing', (event) => (event.src = 'unknown'), 'src: says nothing'],
  ['an object', (event) => (event.dest = { name: 'x' }), 'dest: is not a scalar'],
  [
    'a tag that Splunk adds',
    (event) => (event.action = 'success'),
    'action: success: Splunk tags it success',
  ],
];

function eventOf(kind: string, profile: CimEvent['profile']): JsonObject {
  const found = events.find((event) => event.kind === kind && event.profile === profile);
  if (found === undefined) throw new Error(`no event of ${kind}`);
  return structuredClone(found.event);
}

test.each(BREAKS)('the lint finds %s', (_, breaks, problem) => {
  const event = eventOf('Domain-Blocked', 'best_fit');
  breaks(event);
  expect(lintCim(event, 'Intrusion_Detection.IDS_Attacks')).toContain(problem);
});

test('the lint finds a finding that Splunk would treat as a file', () => {
  const event = { ...eventOf('Secret-In-Build-Log', 'best_fit'), object_category: 'file' };
  expect(lintCim(event, 'DLP.DLP_Incidents')).toContain('object_category: file: Splunk tags it filesystem');
});

test('the lint finds an invalid path, an address that differs, and a pair that does not fit', () => {
  expect(
    lintCim({ ...eventOf('HTTPS-Outbound-Network-Call', 'activity'), uri_path: 'a?b' }, 'Web.Web'),
  ).toEqual([expect.stringContaining('uri_path: a?b is not valid')]);
  const traffic = eventOf('New-Outbound-Network-Call', 'activity');
  expect(lintCim({ ...traffic, dest_ip: '192.0.2.1' }, 'Network_Traffic.All_Traffic')).toEqual([
    'dest_ip: 192.0.2.1 is not valid: equals dest',
  ]);
  expect(
    lintCim({ ...traffic, transport: 'tcp', protocol: 'icmp' }, 'Network_Traffic.All_Traffic'),
  ).toHaveLength(2);
});

test('the lint finds an unknown model, and the tags of another', () => {
  expect(lintTags({}, 'Alerts.Nothing')).toEqual(['Alerts.Nothing: unknown data model']);
  const event = { ...eventOf('Secret-In-Build-Log', 'best_fit'), object_category: 'file' };
  expect(lintTags(event, 'DLP.DLP_Incidents')).toEqual(['Splunk tags it filesystem']);
});
