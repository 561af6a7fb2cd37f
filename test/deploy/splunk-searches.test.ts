import { describe, expect, it, test } from '@jest/globals';
import { readSamples } from '../mapping/samples.ts';
import { addonConf } from './spl/addon.ts';
import type { Indexed } from './spl/fields.ts';
import { indexedBeats, indexedOf } from './spl/index-events.ts';
import { runSearch } from './spl/run.ts';
import { compare, type Row, textOf } from './spl/values.ts';
import { heartbeats } from './story/feed.ts';
import { NOW, tell } from './story/index.ts';
import { ACTS, type Act } from './story/story.ts';

/** What each saved search finds in the story, and the near misses that it must not find: written by hand. */
interface Case {
  /** When the search runs. */
  readonly at: string;
  /** Names of acts; for searches that group findings, the text that identifies a result. */
  readonly finds: readonly string[];
  /** What is in the index and not found, with the reason. */
  readonly passes?: Readonly<Record<string, string>>;
  /** Acts that did not happen this time. */
  readonly without?: readonly string[];
}

const CASES: Readonly<Record<string, readonly Case[]>> = {
  'StepSecurity - Agent Finding - Rule': [
    {
      at: '2026-03-12T09:15Z',
      finds: ['the agent is stopped'],
      passes: { 'a reverse shell': 'another group' },
    },
    { at: '2026-03-12T10:30Z', finds: [], passes: { 'the agent is stopped': 'indexed 80 minutes ago' } },
  ],
  'StepSecurity - File Finding - Rule': [
    {
      at: '2026-03-12T08:30Z',
      finds: ['an overwritten source'],
      passes: { 'a memory read': 'another group' },
    },
    { at: '2026-03-10T09:45Z', finds: ['a version bump'] },
    {
      at: '2026-03-10T11:40Z',
      finds: [],
      passes: { 'the version bump is sent again, as resolved': 'closed' },
    },
  ],
  'StepSecurity - Network Finding - Rule': [
    {
      at: '2026-03-12T08:30Z',
      finds: ['a call that was blocked', 'a call to the attacker'],
      passes: { 'an imposter commit': 'another group' },
    },
    {
      at: '2026-03-12T14:40Z',
      // It arrived six hours late and is still found.
      finds: ['another call that was blocked'],
      passes: { 'a call that was blocked': 'indexed hours ago' },
    },
    { at: '2026-03-10T10:00Z', finds: ['a new destination that is fine'] },
    {
      at: '2026-03-10T11:10Z',
      finds: [],
      passes: { 'a new destination that is fine': 'suppressed five minutes ago' },
    },
  ],
  'StepSecurity - Policy Finding - Rule': [
    {
      at: '2026-03-13T11:10Z',
      finds: ['a policy that stopped a run'],
      passes: { 'a policy that would have stopped a run': 'a dry run' },
    },
  ],
  'StepSecurity - Pull Request Check Finding - Rule': [
    { at: '2026-03-14T09:40Z', finds: ['a failed check'], passes: { 'an unsafe workflow': 'another group' } },
  ],
  'StepSecurity - Process Finding - Rule': [
    { at: '2026-03-12T09:10Z', finds: ['a reverse shell', 'a memory read'] },
    {
      at: '2026-03-12T09:30Z',
      finds: [],
      passes: { 'a reverse shell': 'suppressed', 'a memory read': 'indexed 82 minutes ago' },
    },
    {
      at: '2026-03-11T12:10Z',
      finds: [],
      passes: { 'a privileged container': 'opened again, and indexed a day ago' },
    },
  ],
  'StepSecurity - Secret Finding - Rule': [
    { at: '2026-03-12T08:30Z', finds: ['a secret in a log'], passes: { 'a memory read': 'another group' } },
    { at: '2026-03-13T08:10Z', finds: [], passes: { 'a secret in a log': 'resolved' } },
  ],
  'StepSecurity - Supply Chain Finding - Rule': [
    {
      at: '2026-03-12T08:30Z',
      finds: ['the imposter in another repository', 'an imposter commit'],
      passes: { 'a call to the attacker': 'another group' },
    },
  ],
  'StepSecurity - Threat Intelligence Finding - Rule': [
    { at: '2026-03-14T10:40Z', finds: ['an incident'], passes: { 'an incident that is over': 'not active' } },
  ],
  'StepSecurity - Unknown Kind Finding - Rule': [
    { at: '2026-03-15T08:10Z', finds: ['an unknown kind'] },
    { at: '2026-03-14T09:40Z', finds: [], passes: { 'a failed check': 'has a mapping' } },
  ],
  'StepSecurity - Workflow Finding - Rule': [
    { at: '2026-03-14T09:40Z', finds: ['an unsafe workflow'], passes: { 'a failed check': 'another group' } },
  ],
  'StepSecurity - Same Destination In Several Repositories - Rule': [
    { at: '2026-03-12T14:40Z', finds: ['exfil.example.net in 3'] },
    { at: '2026-03-12T08:30Z', finds: [], passes: { 'a call that was blocked': 'two repositories so far' } },
    { at: '2026-03-12T14:40Z', finds: [], without: ['a call that was blocked'] },
    {
      at: '2026-03-12T16:00Z',
      finds: [],
      passes: { 'another call that was blocked': 'indexed 90 minutes ago' },
    },
  ],
  'StepSecurity - Several Groups In One Run - Rule': [
    {
      at: '2026-03-12T08:30Z',
      finds: ['acme/payments 7001'],
      passes: { 'a call that was blocked': 'two groups' },
    },
    { at: '2026-03-12T08:07Z', finds: [], passes: { 'an imposter commit': 'the only one indexed yet' } },
    {
      at: '2026-03-12T08:30Z',
      finds: [],
      without: [
        'a call to the attacker',
        'an overwritten source',
        'a secret in a log',
        'the secret is revoked',
      ],
      passes: { 'a memory read': 'two groups' },
    },
  ],
  'StepSecurity - Critical Finding Closed Within The Hour - Rule': [
    { at: '2026-03-12T09:30Z', finds: ['a reverse shell'], passes: { 'a memory read': 'still open' } },
    {
      at: '2026-03-10T12:10Z',
      finds: [],
      passes: { 'a privileged container': 'high, and closed after two hours' },
    },
    { at: '2026-03-12T10:40Z', finds: [], passes: { 'a reverse shell': 'closed 75 minutes ago' } },
  ],
  'StepSecurity - Feed is silent': [
    { at: '2026-03-16T09:00Z', finds: ['89700'], passes: { 'an unknown kind': 'more than a day ago' } },
    { at: '2026-03-16T08:00Z', finds: [], passes: { 'an unknown kind': 'less than a day ago' } },
    {
      at: '2026-03-16T08:00Z',
      finds: [String(Date.parse('2026-03-16T08:00Z') / 1_000)],
      without: ACTS.map(({ name }) => name),
    },
  ],
  'StepSecurity - No complete run': [
    { at: '2026-03-16T07:05Z', finds: ['production since 2026-03-16 06:00:00'] },
    {
      at: '2026-03-16T06:55Z',
      finds: [],
      passes: { 'an unknown kind': 'the last run ended 55 minutes ago' },
    },
    // The run at eight failed, and the one before it ended 90 minutes ago.
    { at: '2026-03-15T20:30Z', finds: ['production since 2026-03-15 19:00:00'] },
    { at: '2026-03-15T11:00Z', finds: ['any since none in 7 days'] },
  ],
  'StepSecurity - Dead letters': [
    { at: '2026-03-15T18:30Z', finds: ['1 of production'] },
    {
      at: '2026-03-15T20:30Z',
      finds: [],
      passes: { 'an unknown kind': 'the dead letter is two hours old' },
    },
  ],
};

/** How the table names a result. */
const NAME: Readonly<Record<string, readonly [string, string, string]>> = {
  'StepSecurity - Same Destination In Several Repositories - Rule': ['dest', ' in ', 'repositories'],
  'StepSecurity - Several Groups In One Run - Rule': ['src', ' ', 'run_id'],
  'StepSecurity - Feed is silent': ['silent_seconds', '', ''],
  'StepSecurity - No complete run': ['configuration', ' since ', 'last_complete'],
  'StepSecurity - Dead letters': ['dead_lettered', ' of ', 'configuration'],
};

function nameOf(search: string, row: Row): string {
  const [first, between, second] = NAME[search] ?? [];
  if (first === undefined) return names.get(textOf(row.uid) ?? '') ?? '?';
  return [textOf(row[first]), textOf(row[second ?? ''])].filter((one) => one !== undefined).join(between);
}

const saved = addonConf('savedsearches');
/** By the name of the act that came first. */
const names = new Map(
  tell()
    .toReversed()
    .map(({ detection, name }) => [detection.uid, name]),
);
const beats = await indexedBeats(heartbeats());

function eventsWithout(without: readonly string[] = []): Indexed[] {
  return [...indexedOf(tell(ACTS.filter(({ name }) => !without.includes(name)))), ...beats];
}
const all = eventsWithout();

function results(search: string, at: string, events: readonly Indexed[]): Row[] {
  const settings = saved.get(search);
  return runSearch(settings?.get('search') ?? '', events, {
    now: Date.parse(at) / 1_000,
    earliest: settings?.get('dispatch.earliest_time') ?? '',
    latest: settings?.get('dispatch.latest_time') ?? '',
  });
}

test('every saved search is in the table, with something that it finds and something that it does not', () => {
  expect([...saved.keys()].sort()).toEqual(Object.keys(CASES).sort());
  for (const cases of Object.values(CASES)) {
    expect(cases.some(({ finds }) => finds.length > 0)).toBe(true);
    expect(
      cases.some(({ finds, passes, without }) => passes ?? (finds.length === 0 && without)),
    ).toBeTruthy();
  }
});

describe.each(Object.entries(CASES))('%s', (search, cases) => {
  it.each(cases)('at $at finds $finds', ({ at, finds, passes = {}, without }) => {
    const events = without === undefined ? all : eventsWithout(without);
    expect(results(search, at, events).map((row) => nameOf(search, row))).toEqual(finds);
    for (const name of Object.keys(passes)) {
      const act: Act | undefined = ACTS.find((one) => one.name === name);
      expect(act).toBeDefined();
      const told = tell(act === undefined ? [] : [act]);
      expect(told.every(({ indexed }) => indexed <= Date.parse(at) / 1_000)).toBe(true);
      expect(finds).not.toContain(name);
    }
  });
});

test('every open finding of every sample is found by exactly one rule of a group, and nothing else is', () => {
  const now = NOW;
  const detections = readSamples().flatMap((sample) => sample.detections);
  const events = indexedOf(detections.map((detection) => ({ name: '', detection, indexed: now - 60 })));
  const recent = events.map((event) => ({ ...event, time: now - 3_600 }));
  const open = runSearch('`stepsecurity_open_findings`', recent, { now, earliest: '-7d@h', latest: 'now' })
    // An incident that is over needs no attention.
    .filter((row) => row['stepsecurity.is_active'] !== 'false')
    .map((row) => textOf(row.finding));
  const groups = [...saved.keys()].filter((name) => name.endsWith(' Finding - Rule'));
  const found = groups.flatMap((name) =>
    results(name, new Date(now * 1_000).toISOString(), recent).map((row) => textOf(row.uid)),
  );
  expect(open.length).toBeGreaterThan(100);
  expect(found.toSorted(compare)).toEqual(open.toSorted(compare));
});

test('a finding is reported once, however often it was delivered', () => {
  const copies = all.filter(({ fields }) => names.get(fields.uid ?? '') === 'a call to the attacker');
  expect(copies).toHaveLength(2);
  const found = results('StepSecurity - Network Finding - Rule', '2026-03-12T08:30Z', all);
  expect(found.filter(({ uid }) => names.get(textOf(uid) ?? '') === 'a call to the attacker')).toHaveLength(
    1,
  );
});

test('the fields of an Enterprise Security finding', () => {
  const [, call] = results('StepSecurity - Network Finding - Rule', '2026-03-12T08:30Z', all);
  expect(call).toMatchObject({
    src: 'acme/payments',
    user: 'octocat',
    dest: 'exfil.example.net',
    threat_domain: 'exfil.example.net',
    threat_ip: undefined,
    threat_hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    severity: 'medium',
    risk_score: 30,
    run_id: '7001',
    console_url: 'https://app.stepsecurity.io/github/acme/payments/actions/runs/7001',
  });
  const [shell] = results('StepSecurity - Process Finding - Rule', '2026-03-12T09:10Z', all);
  expect(shell).toMatchObject({
    threat_domain: undefined,
    threat_ip: '203.0.113.66',
    severity: 'critical',
    risk_score: 80,
  });
  const [imposter] = results('StepSecurity - Supply Chain Finding - Rule', '2026-03-12T08:30Z', all);
  expect(imposter).toMatchObject({
    // `dest` is the repository itself, which is not a threat.
    threat_domain: undefined,
    threat_package: 'acme-labs/deploy@c96c327cecdb71e8f031080ba8ad208feb25b13d',
    mitre_technique_id: 'T1195.001',
    risk_score: 60,
  });
  const [closed] = results(
    'StepSecurity - Critical Finding Closed Within The Hour - Rule',
    '2026-03-12T09:30Z',
    all,
  );
  expect(closed).toMatchObject({
    user: 'mallory@example.com',
    signature_id: 'Reverse-Shell',
    run_id: '7004',
  });
});
