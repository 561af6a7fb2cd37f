import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { atLeast, type Severity } from '../../src/detections/severity.ts';
import { textOf } from '../../src/mapping/lint/flatten.ts';
import { type KindOracle, ORACLE } from '../oracles/kinds.ts';
import { readGolden } from './golden.ts';
import { MAPPINGS, readSamples } from './samples.ts';

/** Checks every golden document against the vendor's pages, its API description and the payload itself. */

const README = new URL('../../deploy/splunk/TA-stepsecurity/README.md', import.meta.url);

/** The fields that Splunk's risk-based detections read. */
const RISK = ['src', 'user', 'dest', 'signature', 'mitre_technique_id', 'severity'];
/** From our own API source, which has more than an export. */
const API = new Set([
  'enriched',
  'policy-dry-run',
  'rows',
  'state-change',
  'incidents',
  'compromised-component',
]);

interface Finding {
  readonly sample: string;
  readonly odd: boolean;
  readonly kind: string;
  readonly oracle: KindOracle;
  readonly ecs: JsonObject;
  readonly cim: JsonObject;
  readonly activity: JsonObject | undefined;
}

const payloads = new Map<unknown, JsonObject>(
  readSamples().flatMap(({ detections }) => detections.map(({ uid, payload }) => [uid, payload] as const)),
);
const MAPPED = new Set(MAPPINGS.kinds.map(({ detection }) => detection));
const odd = new Set(readSamples().flatMap((sample) => (sample.odd ? [sample.name] : [])));
const activities = new Map(
  readGolden('cim').flatMap(({ documents }) =>
    (documents.fan_out_activity ?? []).map((event) => [event.id, event] as const),
  ),
);

/**
 * The documents of each detection in both schemas, except state changes and kinds that are not in the table: for a new
 * kind nobody may have written down yet what the vendor says.
 */
const findings: Finding[] = readGolden('ecs').flatMap(({ name, documents }) => {
  const { best_fit: events = [] } = readGolden('cim').find((one) => one.name === name)?.documents ?? {};
  return documents.flatMap((ecs, nth): Finding[] => {
    const cim = events[nth] ?? {};
    if (at(ecs, 'stepsecurity.change') !== undefined) return [];
    expect(cim.id).toBe(at(ecs, 'event.id'));
    const kind = kindOf(String(at(ecs, 'rule.id')), String(at(ecs, 'event.action')));
    const oracle = ORACLE.kinds[kind];
    if (oracle === undefined) return [];
    return [{ sample: name, odd: odd.has(name), kind, oracle, ecs, cim, activity: activities.get(cim.id) }];
  });
});

function kindOf(rule: string, action: string): string {
  if (MAPPED.has(rule)) return rule;
  return action.startsWith('pr_check_') ? 'pr_check_failure' : '_unknown';
}

function at(document: JsonObject, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
}

function list(value: unknown): string[] {
  return value === undefined ? [] : (value as string[]);
}

/** What the payload says in addition to its kind, in the vendor's own words. */
function groundOf({ ecs, cim }: Finding): 'blocked' | 'allowed' | undefined {
  const payload = payloads.get(cim.id) ?? {};
  const enforced = JSON.stringify(payload.process_events ?? null).includes('"enforced_protection":true');
  const stopped = [true, 'true'].some((one) => payload.is_lockdown === one);
  const dropped = /^dropped$/i.test(textOf(payload.status)) && payload.endpoint !== undefined;
  const ended = textOf(payload.detection).startsWith(`${textOf(payload.id)}-LOCKDOWN-${textOf(payload.job)}`);
  if (stopped || enforced || dropped || ended || payload.matched_policy === 'GLOBAL_BLOCKLIST')
    return 'blocked';
  const dry = at(ecs, 'stepsecurity.policy.status') === 'DryRunBlocked' || /DryRun/.test(textOf(payload.id));
  if (dry) return 'allowed';
  return textOf(payload.id).endsWith('-Blocked') ? 'blocked' : undefined;
}

function saidInEcs(ecs: JsonObject): string {
  const types = list(at(ecs, 'event.type'));
  return types.includes('denied') ? 'blocked' : types.includes('allowed') ? 'allowed' : 'absent';
}

test.each(findings)('$sample: $kind gives the outcome of the action, in both schemas', (finding) => {
  const wanted = groundOf(finding) ?? finding.oracle.action;
  expect([finding.cim.action ?? 'absent', saidInEcs(finding.ecs)]).toEqual([wanted, wanted]);
  if (finding.activity?.action !== undefined && finding.oracle.activity !== 'Endpoint.Filesystem')
    expect(finding.activity.action).toBe(wanted);
  const blocked = wanted === 'blocked';
  expect(at(finding.ecs, 'event.outcome')).toBe(blocked ? 'success' : undefined);
  // A reason must not claim success when the attempt was stopped, or the reverse.
  const reason = String(at(finding.ecs, 'event.reason'));
  if (wanted === 'allowed') expect(reason).not.toMatch(/^Stopped| was (?:stopped|kept)| tried to /);
  if (blocked && finding.oracle.action === 'allowed')
    expect(reason).toMatch(/^Stopped by .*(?: tried to | in |$)/);
});

test.each(findings)('$sample: $kind has the required severity', ({ oracle, ecs, cim }) => {
  const stated = (cim.stepsecurity as JsonObject).severity;
  const floor = oracle.floor ?? oracle.severity;
  const stopped = String(at(ecs, 'event.reason')).startsWith('Stopped by ');
  if (typeof stated === 'string') expect(cim.severity).toBe(stated.toLowerCase());
  else if (!stopped)
    expect([cim.severity, atLeast(cim.severity as Severity, floor)]).toEqual([cim.severity, true]);
});

test.each(findings)('$sample: $kind has its data model, and names only its own techniques', (finding) => {
  const { oracle, cim, activity } = finding;
  expect([cim.cim_model, activity?.cim_model]).toEqual([oracle.model, oracle.activity]);
  const known = [...oracle.techniques, ...(oracle.may_add ?? [])];
  const named = list(cim.mitre_technique_id);
  expect(named.filter((id) => !known.includes(id))).toEqual([]);
  if (oracle.techniques.length > 0) expect(named).not.toEqual([]);
});

describe('a field that a risk-based detection reads', () => {
  const exported = findings.filter((one) => !one.odd && !API.has(one.sample));

  test.each(exported)('$sample: $kind fills it, or is listed as unable to', ({ oracle, cim }) => {
    const absent = RISK.filter((field) => cim[field] === undefined);
    expect(absent.filter((field) => !oracle.lacks.includes(field))).toEqual([]);
  });

  it('is listed as impossible only if it is', () => {
    const listed = Object.entries(ORACLE.kinds).flatMap(([kind, { lacks }]) =>
      lacks.map((field) => `${kind} ${field}`),
    );
    const open = findings
      .filter(({ sample }) => sample !== 'enriched')
      .flatMap(({ kind, cim }) =>
        RISK.filter((field) => cim[field] === undefined).map((one) => `${kind} ${one}`),
      );
    expect(listed.filter((one) => !open.includes(one))).toEqual([]);
    for (const { lacks } of Object.values(ORACLE.kinds))
      for (const field of lacks) expect(ORACLE.lacks[field]).toBeDefined();
  });

  it('is listed in the README of the add-on, which lists nothing else', () => {
    const text =
      readFileSync(README, 'utf8').split('## What an event cannot say')[1]?.split('\n## ')[0] ?? '';
    for (const field of ['src', 'dest', 'mitre_technique_id']) {
      const rows = text.split('\n').filter((row) => row.split('|')[1]?.includes(`\`${field}\``));
      const named = rows.flatMap((row) =>
        [...(row.split('|')[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, kind = '']) => kind),
      );
      const lacking = Object.keys(ORACLE.kinds).filter((kind) => ORACLE.kinds[kind]?.lacks.includes(field));
      expect([field, named.sort()]).toEqual([field, lacking.filter((kind) => kind !== '_unknown').sort()]);
    }
  });

  it('includes the user if the details of the run have one', () => {
    const enriched = findings.filter(({ sample }) => sample === 'enriched');
    expect(enriched.filter(({ cim }) => cim.user === undefined)).toEqual([]);
    expect(enriched.length).toBeGreaterThan(0);
  });
});

describe('the table', () => {
  it('has only kinds with documents', () => {
    const seen = new Set(findings.map(({ kind }) => kind));
    expect([...seen].sort()).toEqual(Object.keys(ORACLE.kinds).sort());
  });

  it.each(Object.entries(ORACLE.kinds))(
    'agrees with the mapping of %s, and names its source',
    (kind, oracle) => {
      const file = [...MAPPINGS.kinds, MAPPINGS.unknown].find(({ detection }) => detection === kind);
      expect(file?.action ?? 'absent').toBe(oracle.action);
      expect(file?.severity).toBe(oracle.severity);
      expect(oracle.words.length).toBeGreaterThan(5);
      expect(ORACLE.sources[oracle.source]).toMatch(/^(?:https:|the vendor|github|our own)/);
      // Only the vendor can say what the outcome was.
      if (oracle.action !== 'absent') expect(oracle.source).not.toBe('ours');
    },
  );
});

test('every kind that says blocked or allowed names its source next to that in the mapping', async () => {
  const { fileNameOf } = await import('../../src/mapping/load.ts');
  for (const { detection, action } of MAPPINGS.kinds) {
    if (action === undefined) continue;
    const file = new URL(`../../mappings/${fileNameOf(detection)}.yaml`, import.meta.url);
    expect(readFileSync(file, 'utf8')).toMatch(/\n# .*\(page ".+"\).*\naction: /);
  }
});
