import { describe, expect, it, test } from '@jest/globals';
import type { Detection } from '../../src/detections/detection.ts';
import { readSamples } from '../mapping/samples.ts';
import type { Indexed } from './spl/fields.ts';
import { indexedBeats, indexedOf } from './spl/index-events.ts';
import { type Row, textOf } from './spl/values.ts';
import { readView, runPanel } from './spl/view.ts';
import { heartbeats } from './story/feed.ts';
import { NOW, tell } from './story/index.ts';

/** The results in every panel, compared with numbers written by hand from the story in test/deploy/story. */

interface Expected {
  readonly columns: readonly string[];
  /** One line per row, with `|` between cells. */
  readonly rows: readonly string[];
  /** An act, or the hour of a heartbeat, without which the panel must show something else. */
  readonly needs: string | number;
}

const shows = (columns: string, rows: readonly string[], needs: string | number): Expected => ({
  columns: columns.split(' '),
  rows,
  needs,
});

const OVERVIEW: Readonly<Record<string, Expected>> = {
  last_run: shows('minutes', ['360'], 18),
  // Indexed on the 15th at 08:05.
  last_detection: shows('hours', ['27.9'], 'an unknown kind'),
  // Of 18 findings: two suppressed, two resolved, one dry run.
  open: shows('open', ['13'], 'a memory read'),
  serious: shows('count', ['6'], 'a privileged container'),
  blocked: shows('blocked', ['3'], 'a policy that stopped a run'),
  repositories: shows('repositories', ['5'], 'a policy that stopped a run'),
  severity_over_time: shows(
    '_time critical high medium low',
    [
      '1773014400|0|0|0|0', // the 9th
      '1773100800|0|1|0|0', // the container
      '1773187200|0|0|0|0',
      '1773273600|1|3|4|0', // the attack: memory; two imposters, the agent; three calls, the source
      '1773360000|0|0|0|1', // the policy
      '1773446400|0|1|1|0', // the workflow; the check
      '1773532800|0|0|1|0', // the unknown kind
      '1773619200|0|0|0|0',
    ],
    'an overwritten source',
  ),
  states: shows(
    'state count',
    ['dry_run|1', 'open|13', 'resolved|2', 'suppressed|2'],
    'the secret is revoked',
  ),
  kinds: shows(
    'signature_id severity open blocked not_open repositories',
    [
      'Action-Uses-Imposter-Commit|high|2|0|0|2',
      'Domain-Blocked|medium|2|2|0|2',
      'Runner-Worker-Memory-Read|critical|1|0|0|1',
      'Agent-Tampered|high|1|0|0|1',
      'PWN-Request-Check|high|1|0|0|1',
      'Privileged-Container|high|1|0|0|1',
      'Clock-Turned-Back|medium|1|0|0|1',
      'Docker-Image-Pinning-Check|medium|1|0|0|1',
      'New-Outbound-Network-Call|medium|1|0|1|2',
      'Source-Code-Overwritten|medium|1|0|1|2',
      'Runs-On-Policy-Blocked|low|1|1|0|1',
      'Reverse-Shell|critical|0|0|1|1',
      'Secret-In-Build-Log|high|0|0|1|1',
      'Actions-Policy-Blocked|medium|0|0|1|1',
    ],
    'a policy that would have stopped a run',
  ),
  where: shows(
    'repository open blocked groups last',
    [
      'acme/payments|5|0|5|2026-03-12 09:05:00',
      'acme/api|3|1|3|2026-03-15 08:00:00',
      'acme/docs|2|0|2|2026-03-14 09:30:00',
      'acme/web|2|1|2|2026-03-12 08:30:00',
      'acme/infra|1|1|1|2026-03-13 11:00:00',
    ],
    'an unknown kind',
  ),
  jobs: shows(
    'repository job_name open blocked',
    [
      'acme/payments|deploy|4|0',
      'acme/api|deploy|2|1',
      'acme/docs|(none)|2|0',
      'acme/payments|lint|1|0',
      'acme/web|image|1|0',
      'acme/api|test|1|0',
      'acme/web|deploy|1|1',
      'acme/infra|(none)|1|1',
    ],
    'the agent is stopped',
  ),
  stopped: shows(
    'signature dest count repositories',
    ['Domain Blocked|exfil.example.net|2|2', 'Runs-On Policy Blocked|acme/infra|1|1'],
    'a call that was blocked',
  ),
  destinations: shows(
    'dest open blocked repositories',
    ['exfil.example.net|3|2|3'],
    'a call to the attacker',
  ),
  techniques: shows(
    'technique count repositories',
    ['T1071|3|3', 'T1195.001|2|2', 'T1003.007|1|1', 'T1195.002|1|1', 'T1562.001|1|1', 'T1611|1|1'],
    'the imposter in another repository',
  ),
  incidents: shows('package_name active', ['right-padder|false', 'left-padder|true'], 'an incident'),
  latest: shows(
    'time state repository run_id blocked',
    [
      '2026-03-15 08:00:00|open|acme/api|7020|0',
      '2026-03-14 09:30:00|open|acme/docs||0',
      '2026-03-14 09:00:00|open|acme/docs||0',
      '2026-03-13 11:00:00|open|acme/infra|7011|1',
      '2026-03-13 10:00:00|dry_run|acme/web|7010|0',
      '2026-03-12 09:05:00|open|acme/payments|7004|0',
      '2026-03-12 09:00:00|suppressed|acme/payments|7004|0',
      '2026-03-12 08:30:00|open|acme/web|7003|1',
      '2026-03-12 08:21:00|open|acme/api|7002|1',
      '2026-03-12 08:20:00|open|acme/api|7002|0',
      '2026-03-12 08:06:00|resolved|acme/payments|7001|0',
      '2026-03-12 08:05:00|open|acme/payments|7001|0',
      '2026-03-12 08:04:00|open|acme/payments|7001|0',
      '2026-03-12 08:03:00|open|acme/payments|7001|0',
      '2026-03-12 08:00:00|open|acme/payments|7001|0',
      '2026-03-10 10:00:00|open|acme/web|5003|0',
      '2026-03-10 09:30:00|resolved|acme/web|5002|0',
      '2026-03-10 09:00:00|suppressed|acme/site|5001|0',
    ],
    'the new destination is suppressed',
  ),
};

const RUN: Readonly<Record<string, Expected>> = {
  run: shows(
    'repository run_id findings open branch user first last',
    ['acme/payments|7001|5|4|main|octocat|2026-03-12 08:00:00|2026-03-12 08:06:00'],
    'the secret is revoked',
  ),
  findings: shows(
    'time state severity signature dest',
    [
      '2026-03-12 08:00:00|open|high|GitHub Action Uses Imposter Commit|acme/payments',
      '2026-03-12 08:03:00|open|critical|Runner Worker Memory Read|acme/payments',
      '2026-03-12 08:04:00|open|medium|New Outbound Network Call|exfil.example.net',
      '2026-03-12 08:05:00|open|medium|Source Code Overwritten|acme/payments',
      '2026-03-12 08:06:00|resolved|high|Secret In Build Log|acme/payments',
    ],
    'an imposter commit',
  ),
  processes: shows(
    'time process_name executable pid parent_process_name signature',
    [
      '2026-03-12 08:03:00|python3.12|/usr/bin/python3.12|2301|bash|Runner Worker Memory Read',
      '2026-03-12 08:04:00|python3.12|||bash|New Outbound Network Call',
    ],
    'a memory read',
  ),
  connections: shows(
    'dest count action process_name',
    ['exfil.example.net|1|allowed|python3.12'],
    'a call to the attacker',
  ),
  files: shows(
    'file_path signature',
    [
      '/home/runner/work/payments/payments/setup.py|Source Code Overwritten',
      '/proc/1844/mem|Runner Worker Memory Read',
    ],
    'an overwritten source',
  ),
  packages: shows(
    'package_name package_version commit',
    ['acme-labs/deploy|v3|c96c327cecdb71e8f031080ba8ad208feb25b13d'],
    'an imposter commit',
  ),
  observed: shows(
    'time cim_model dest dest_port file_path action',
    [
      '2026-03-12 08:03:00|Endpoint.Filesystem|acme/payments||/proc/1844/mem|read',
      // Delivered twice, shown once.
      '2026-03-12 08:04:00|Network_Traffic.All_Traffic|exfil.example.net|443||allowed',
      '2026-03-12 08:05:00|Endpoint.Filesystem|acme/payments||/home/runner/work/payments/payments/setup.py|modified',
    ],
    'a call to the attacker',
  ),
  changes: shows(
    'time rule_name from to user',
    ['2026-03-13 08:00:00|Secret In Build Log|new|resolved|bob@example.com'],
    'the secret is revoked',
  ),
};

/** Nineteen passes: one brought four, one three, one failed, and sixteen brought one each. */
const FEED: Readonly<Record<string, Expected>> = {
  last_pass: shows('minutes', ['360'], 18),
  lag: shows('lag', ['900'], 18),
  delivered: shows('delivered', ['21'], 3),
  duplicates: shows('duplicate', ['1'], 3),
  dead_letters: shows('dead_lettered', ['1'], 6),
  incomplete: shows('count', ['1'], 8),
  over_time: shows(
    'delivered duplicate filtered dead_lettered',
    [
      '1|0|0|0',
      '1|0|0|0',
      '1|0|0|0',
      '3|1|0|0',
      '1|0|0|0',
      '1|0|0|0',
      '2|0|0|1',
      '1|0|0|0',
      '0|0|0|0',
      ...Array.from({ length: 10 }, () => '1|0|0|0'),
      // Silence.
      ...Array.from({ length: 5 }, () => '|||'),
    ],
    18,
  ),
  configurations: shows(
    'configuration last passes version exit_code complete lag_seconds read delivered minutes',
    ['production|2026-03-16 06:00:00|19|1.2.3|0|true|900|23|21|360'],
    0,
  ),
  failures: shows(
    'time exit_code error',
    ['2026-03-15 20:00:00|4|The bucket does not answer.', '2026-03-15 18:00:00|3|'],
    8,
  ),
  kinds: shows('kind count', ['Domain-Blocked|22', 'Clock-Turned-Back|1'], 3),
  unknown_kinds: shows('kind count', ['Clock-Turned-Back|1'], 3),
  warnings: shows('warning count', ['bad_timestamp|2'], 6),
  // During the week, the call to the attacker and the version bump came twice.
  repeats: shows('detections events', ['2|4'], 'a call to the attacker'),
};

const VIEWS = {
  stepsecurity_overview: { panels: OVERVIEW, tokens: {} },
  stepsecurity_run: { panels: RUN, tokens: { repository: 'acme/payments', run: '7001' } },
  stepsecurity_feed: { panels: FEED, tokens: {} },
} as const;

const beats = await indexedBeats(heartbeats());

const told = tell().map((one) => ({ name: one.name, events: indexedOf([one], 'fan_out') }));

/** The events in the index, without one act or heartbeat. */
function eventsWithout(one?: string | number): Indexed[] {
  return [
    ...told.flatMap(({ name, events }) => (name === one ? [] : events)),
    ...beats.filter((_, hour) => hour !== one),
  ];
}
const all = eventsWithout();

function linesOf(name: keyof typeof VIEWS, id: string, events: readonly Indexed[]): string[] {
  const { panels, tokens } = VIEWS[name];
  // The story's repeats are older than the day that this dashboard shows by default.
  const time = id === 'repeats' ? { 'time.earliest': '-7d@d' } : {};
  const rows = runPanel(readView(name), id, events, NOW, { ...tokens, ...time });
  const columns = panels[id]?.columns ?? [];
  return rows.map((row) => columns.map((column) => textOf(row[column]) ?? '').join('|'));
}

describe.each(Object.keys(VIEWS) as (keyof typeof VIEWS)[])('%s', (name) => {
  const { panels } = VIEWS[name];

  it('has a line in the table for every panel', () => {
    const ids = readView(name).rows.flatMap((row) => row.map(({ id }) => id));
    expect(ids).toEqual(Object.keys(panels));
  });

  it.each(Object.entries<Expected>(panels))('%s shows the expected rows', (id, { rows }) => {
    expect(linesOf(name, id, all)).toEqual(rows);
  });

  it.each(Object.entries<Expected>(panels))(
    '%s shows something else without one event',
    (id, { rows, needs }) => {
      expect(linesOf(name, id, eventsWithout(needs))).not.toEqual(rows);
    },
  );
});

test('a number is 0 when nothing happened, not an empty panel', () => {
  const [overview, feed] = [readView('stepsecurity_overview'), readView('stepsecurity_feed')];
  for (const id of ['open', 'serious', 'blocked', 'repositories'])
    expect(Object.values(runPanel(overview, id, [], NOW)[0] ?? {}).map(Number)).toEqual([0]);
  for (const id of ['delivered', 'duplicates', 'dead_letters', 'incomplete'])
    expect(Object.values(runPanel(feed, id, [], NOW)[0] ?? {}).map(Number)).toEqual([0]);
});

test('the inputs of the overview filter it', () => {
  const open = (tokens: Record<string, string>): unknown =>
    runPanel(readView('stepsecurity_overview'), 'open', all, NOW, tokens)[0]?.open;
  expect(open({ severity: 'critical' })).toBe(1);
  expect(open({ repository: 'acme/p*' })).toBe(5);
  expect(open({ signature: 'Domain-Blocked' })).toBe(2);
  expect(open({ signature: 'x" OR signature_id="*' })).toBe('0');
  expect(open({ 'time.earliest': '-2d@d' })).toBe(3);
});

test('neither a failed run, nor another feed, nor a backfill makes the overview show a feed as alive', async () => {
  const [beat] = heartbeats();
  if (beat === undefined) throw new Error('no heartbeat');
  const ago = (minutes: number, more: object): typeof beat => ({
    ...beat,
    finished: (NOW - minutes * 60) * 1_000,
    ...more,
  });
  const minutes = async (...some: (typeof beat)[]): Promise<unknown> =>
    runPanel(readView('stepsecurity_overview'), 'last_run', await indexedBeats(some), NOW)[0]?.minutes;
  const ran = ago(90, {});
  expect(await minutes(ran)).toBe(90);
  expect(await minutes(ran, ago(1, { complete: false }))).toBe(90);
  expect(await minutes(ran, ago(1, { configuration: 'staging' }))).toBe(90);
  expect(await minutes(ran, ago(1, { command: 'backfill' }))).toBe(90);
  expect(await minutes()).toBe('none in 7 days');
});

test('a finding without a repository is listed, and does not count as a repository', () => {
  const timestamp = String(Date.parse('2026-03-16T11:00Z') / 1_000);
  const payload = { id: 'Clock-Turned-Back', event_id: 'one', timestamp };
  const events = indexedOf(tell([{ name: 'of no repository', payload }]));
  const view = readView('stepsecurity_overview');
  expect(runPanel(view, 'open', events, NOW)).toEqual([{ open: 1 }]);
  expect(runPanel(view, 'repositories', events, NOW)).toEqual([{ repositories: 0 }]);
  expect(runPanel(view, 'kinds', events, NOW)[0]).toMatchObject({ open: 1, repositories: 0 });
  expect(runPanel(view, 'where', events, NOW)[0]).toMatchObject({ repository: '(none)', open: 1 });
});

test('the feed shows the full name of a kind, and takes the lag from runs, not from a backfill of old detections', async () => {
  const [beat] = heartbeats();
  if (beat === undefined) throw new Error('no heartbeat');
  const named = [{ name: 'A kind "of" 7 words \\ and more', count: 12 }];
  const finished = beat.finished + 60_000;
  const backfill = {
    ...beat,
    command: 'backfill',
    finished,
    lag: 9_999_999,
    lists: { unknown_kinds: named },
  };
  const events = [beats[0] as Indexed, ...(await indexedBeats([backfill]))];
  const feed = readView('stepsecurity_feed');
  expect(runPanel(feed, 'unknown_kinds', events, NOW)).toEqual([{ kind: named[0]?.name, count: 12 }]);
  expect(runPanel(feed, 'lag', events, NOW)).toEqual([{ lag: 600 }]);
});

/** From the decoded detection, not from its event. */
const isClosed = ({ suppressed, resolved }: Detection): boolean => suppressed === true || resolved === true;

test('the overview of all samples counts what was stopped, but no dry run, state change or closed finding', () => {
  const detections = readSamples().flatMap((sample) => sample.detections);
  const now = 2_000_000_000;
  const events = indexedOf(detections.map((detection) => ({ name: '', detection, indexed: 1 })));
  const panel = (id: string): Row[] =>
    runPanel(readView('stepsecurity_overview'), id, events, now, { 'time.earliest': '0' });
  const closedLater = new Set(
    detections.flatMap(({ change }) => (change && change.to !== 'new' ? [change.uid] : [])),
  );
  const open = new Map(
    detections
      .filter((one) => one.change === undefined && one.profile.group !== 'threat_intel')
      .filter((one) => !isClosed(one) && !one.dry_run && !closedLater.has(one.uid))
      .map((one) => [`${one.uid} ${one.fingerprint?.slice(0, 31)}`, one]),
  );
  const stopped = [...open.values()].filter(({ event }) => event.type.includes('denied'));
  expect(stopped.length).toBeGreaterThan(10);
  expect(panel('open')).toEqual([{ open: open.size }]);
  expect(panel('blocked')).toEqual([{ blocked: stopped.length }]);
  for (const what of [
    isClosed,
    (one: Detection) => one.dry_run,
    (one: Detection) => one.change !== undefined,
  ])
    expect(detections.filter(what).length).toBeGreaterThan(0);
});
