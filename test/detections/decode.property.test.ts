import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SCHEMAS } from '../../src/contracts/schema.ts';
import type { Json } from '../../src/contracts/types.ts';
import type { Decoded } from '../../src/detections/decoded.ts';
import { loadMappings } from '../../src/mapping/load.ts';
import { compileMapper } from '../../src/mapping/mapper.ts';
import { anyText } from '../any-text.ts';
import { draws } from '../full.ts';
import { decodeText, payloadOf } from './harness.ts';

const mappings = loadMappings();
const common = {
  version: '1.2.3',
  labels: {},
  tags: [],
  preserveOriginal: true,
  quiet: false,
  namespace: 'default',
  cimProfile: 'fan_out',
} as const;
const mappers = SCHEMAS.map((schema) => compileMapper(mappings, { ...common, schema }));

/** Each entry is one of three things, and each detection becomes documents of valid single-line JSON. */
function hold(entries: readonly Decoded[]): void {
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) {
    if (!('detection' in entry)) continue;
    const { detection } = entry;
    expect(detection.uid).not.toBe('');
    expect(Number.isFinite(detection.time)).toBe(true);
    for (const map of mappers) {
      for (const document of map(detection)) {
        const json = document.json.toString();
        expect(json).not.toContain('\n');
        expect(JSON.parse(json)).toBeInstanceOf(Object);
      }
    }
  }
}

const KEYS = [
  'id', 'type', 'name', 'event_id', 'owner', 'repo', 'owner_repo', 'run_id', 'run_attempt', 'job', 'job_id', 'timestamp',
  'detection', 'html_url', 'is_lockdown', 'is_suppressed', 'endpoint', 'direct_ip_address', 'host', 'method', 'path', 'file',
  'process_events', 'imposter_commit', 'tool', 'secret', 'rule_id', 'line_number', 'expected_outbound_connections',
  'actions_not_allowed', 'workflow_contains_secrets', 'stepsecurity_siem', 'severity', 'is_active', 'failure_data',
  'arguments', 'exe', 'pid', 'armour_event_process', 'file_info', 'action', 'sha', 'parent', 'change', 'run', 'from', 'to',
  'counter', 'jobs', 'data', '__proto__', 'constructor',
]; // biome-ignore format: a list
const KINDS = [
  'Reverse-Shell',
  'Threat-Intelligence',
  'pr_check_failure',
  'Secret-In-Build-Log',
  'New-One',
  'Domain-Blocked',
];

const leaf = fc.oneof(
  anyText(8),
  fc.constantFrom(
    ...KINDS,
    'true',
    'false',
    '1753203994',
    '-1',
    'a.example:443',
    '[::1]:1',
    '/a/b',
    '',
    'Unknown',
  ),
  fc.double(),
  fc.integer(),
  fc.constantFrom(null, true, false),
);
const anyJson = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 4 })), tie('json'), {
      maxKeys: 8,
      noNullPrototype: true,
    }),
  ),
})).json;

describe('whatever the input', () => {
  it('any text is at least one entry', () => {
    fc.assert(
      fc.property(fc.oneof(anyText(), fc.uint8Array()), (content) => {
        hold(decodeText(typeof content === 'string' ? content : Buffer.from(content).toString('utf8')));
      }),
      { numRuns: draws(500) },
    );
  });

  it('any JSON is at least one entry', () => {
    fc.assert(
      fc.property(anyJson, (value) => hold(decodeText(JSON.stringify(value)))),
      { numRuns: draws(1_000) },
    );
  });

  it('any fields of a known kind', () => {
    const fields = fc.dictionary(fc.constantFrom(...KEYS), anyJson, { maxKeys: 12, noNullPrototype: true });
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fields, (id, over) => {
        hold(decodeText(JSON.stringify({ ...payloadOf(id), ...over })));
      }),
      { numRuns: draws(1_000) },
    );
  });

  it('broken JSON', () => {
    fc.assert(
      fc.property(anyJson, fc.nat(), (value, at) => {
        const text = JSON.stringify(value);
        hold(decodeText(text.slice(0, at % (text.length + 1))));
      }),
      { numRuns: draws(500) },
    );
  });

  it('each member of a group is one entry, at its place', () => {
    const members = fc.array(
      fc.oneof(
        anyJson,
        fc.constantFrom(...KINDS).map((id) => payloadOf(id) as Json),
      ),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(
        members,
        fc.dictionary(fc.constantFrom('id', 'owner', 'run_id', 'secret'), leaf),
        (data, parent) => {
          // A known kind with an empty `data` is a detection itself.
          fc.pre(!(KINDS as readonly unknown[]).includes(parent['id']));
          const entries = decodeText(JSON.stringify({ ...parent, data }));
          hold(entries);
          expect(entries.map(({ index }) => index)).toEqual(data.map((_, at) => at));
        },
      ),
      { numRuns: draws(500) },
    );
  });
});
