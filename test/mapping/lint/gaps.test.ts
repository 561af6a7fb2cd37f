import { describe, expect, it, test } from '@jest/globals';
import { textOf } from '../../../src/mapping/lint/flatten.ts';
import { datasetOf, gapsOf } from './cim.ts';
import { type CimEvent, readEvents } from './events.ts';

interface Expected {
  /** Required, or asked for by a condition that holds: what no payload tells. */
  readonly never: readonly string[];
  /** What some payloads tell. */
  readonly sometimes: readonly string[];
  /** Recommended only. */
  readonly recommended: readonly string[];
}

/**
 * Exactly what the data models ask for and the payload cannot fill. A new gap is a regression; a closed one is a change to
 * record here. `protocol` is asked for where the far end is an address, and a bare `socat` has no path.
 */
const GAPS: Record<string, Expected> = {
  'Alerts.Alerts': { never: ['user'], sometimes: [], recommended: [] },
  // An incident belongs to no repository.
  'Alerts.Alerts Threat-Intelligence': { never: ['dest', 'src', 'user'], sometimes: [], recommended: [] },
  'Alerts.Alerts Compromised-Component': { never: ['dest', 'src', 'user'], sometimes: [], recommended: [] },
  'Intrusion_Detection.IDS_Attacks network': {
    never: ['src_port', 'transport'],
    // Of an attempt to take secrets out nobody says whether it was stopped.
    sometimes: ['action', 'dest_port'],
    recommended: [],
  },
  'Intrusion_Detection.IDS_Attacks network HTTPS-Outbound-Network-Call': {
    never: ['src_port'],
    sometimes: ['dest_port'],
    recommended: [],
  },
  // Of a suspicious process nobody says whether it was stopped.
  'Intrusion_Detection.IDS_Attacks host': {
    never: [],
    sometimes: ['action', 'file_hash', 'file_path'],
    recommended: [],
  },
  'DLP.DLP_Incidents': { never: ['src_user'], sometimes: [], recommended: ['user'] },
  'Network_Traffic.All_Traffic': {
    never: ['transport'],
    sometimes: ['protocol'],
    recommended: [
      'bytes',
      'bytes_in',
      'bytes_out',
      'dest_port',
      'packets',
      'packets_in',
      'packets_out',
      'protocol',
      'src_port',
    ],
  },
  'Web.Web HTTPS-Outbound-Network-Call': {
    never: ['bytes', 'bytes_in', 'bytes_out', 'http_user_agent', 'http_user_agent_length', 'status'],
    // A host that carries its port is rare; a call without a method is too.
    sometimes: ['dest_port', 'http_method'],
    recommended: ['user'],
  },
  'Endpoint.Processes': {
    never: ['parent_process', 'parent_process_path', 'user'],
    sometimes: ['parent_process_name', 'process_path'],
    recommended: [],
  },
  'Endpoint.Filesystem': {
    // `tool.sha256` is the hash of the program, not of the file it touched.
    never: ['file_hash', 'file_size', 'user'],
    // Memory is a file on Linux only.
    sometimes: ['file_name', 'file_path'],
    recommended: ['file_acl', 'file_create_time', 'file_modify_time'],
  },
};

const INTELLIGENCE = new Set(['Threat-Intelligence', 'Compromised-Component']);
const SPECIAL = new Set([...INTELLIGENCE, 'HTTPS-Outbound-Network-Call']);

function groupOf({ kind, model, event }: CimEvent): string {
  const own = INTELLIGENCE.has(kind) || (SPECIAL.has(kind) && model !== 'Alerts.Alerts');
  return [
    model,
    ...(event.ids_type === undefined ? [] : [textOf(event.ids_type)]),
    ...(own ? [kind] : []),
  ].join(' ');
}

/** From our own API source, which knows more than an export does. */
const API = new Set(['enriched', 'incidents', 'policy-dry-run', 'rows', 'state-change']);
const all = readEvents();
const exported = all.filter(({ sample, odd }) => !odd && !API.has(sample));
const groups = [...new Set(exported.map(groupOf))];

test('every group of events has its list', () => {
  expect(groups.sort()).toEqual(Object.keys(GAPS).sort());
});

describe.each(groups)('%s', (group) => {
  const gaps = exported
    .filter((event) => groupOf(event) === group)
    .map(({ event, model }) => gapsOf(event, model));
  const asked = gaps.map(({ required, conditional }) => new Set([...required, ...conditional]));
  const lacking = [...new Set(asked.flatMap((one) => [...one]))].sort();

  it('lacks what no payload tells, and nothing else', () => {
    expect({
      never: lacking.filter((field) => asked.every((one) => one.has(field))),
      sometimes: lacking.filter((field) => !asked.every((one) => one.has(field))),
      recommended: [...new Set(gaps.flatMap(({ recommended }) => recommended))].sort(),
    }).toEqual(GAPS[group]);
  });
});

test("a run's details close the gaps of the user", () => {
  const enriched = all.filter(({ sample }) => sample === 'enriched');
  const gaps = enriched.flatMap(({ event, model }) => gapsOf(event, model).required);
  expect(gaps).not.toContain('user');
  expect(gaps).not.toContain('src_user');
});

test('a field that goes missing is a gap', () => {
  for (const { event, model } of exported) {
    for (const [field, { need }] of Object.entries(datasetOf(model)?.fields ?? {})) {
      if (need !== 'required' || event[field] === undefined) continue;
      const { [field]: _, ...rest } = event;
      expect(gapsOf(rest, model).required).toContain(field);
    }
  }
});
