import { expect, test } from '@jest/globals';
import { addonConf } from './spl/addon.ts';
import type { Indexed } from './spl/fields.ts';
import { indexedBeats, indexedOf } from './spl/index-events.ts';
import { runSearch } from './spl/run.ts';
import { textOf } from './spl/values.ts';
import { readView, runPanel } from './spl/view.ts';
import { heartbeats } from './story/feed.ts';
import { tell } from './story/index.ts';
import { memoryRead, type Place, reverseShell } from './story/payloads.ts';
import { type Act, changed, made } from './story/story.ts';

/** For clauses that the story of the other tests does not exercise: each case misses being found by one clause. */

const NOW = Date.parse('2026-03-20T09:40Z') / 1_000;
const at = (time: string, run: string): Place => ({
  at: `2026-03-20T${time}Z`,
  repo: 'api',
  run,
  job: 'test',
});
const change = (act: Act, time: string, to: string, counter: number): Act =>
  changed(
    `${act.name}: ${to}`,
    act,
    `2026-03-20T${time}Z`,
    to === 'new' ? 'resolved' : 'new',
    to,
    'eve',
    counter,
  );

function found(name: string, events: readonly Indexed[], field = 'run_id'): (string | undefined)[] {
  const settings = addonConf('savedsearches').get(`StepSecurity - ${name}`);
  return runSearch(settings?.get('search') ?? '', events, {
    now: NOW,
    earliest: settings?.get('dispatch.earliest_time') ?? '',
    latest: 'now',
  }).map((row) => textOf(row[field]));
}

const throttledBy = (name: string): string[] =>
  addonConf('savedsearches').get(`StepSecurity - ${name}`)?.get('alert.suppress.fields')?.split(',') ?? [];

test('a critical finding that was closed within the hour, reopened, and closed again later', () => {
  const quick = made('quick', 'Runner-Worker-Memory-Read', at('08:10', '1'), memoryRead);
  const late = made('late', 'Reverse-Shell', at('08:00', '2'), reverseShell);
  const high = made('high', 'Secret-In-Build-Log', at('09:00', '3'));
  const events = indexedOf(
    tell([
      quick,
      change(quick, '08:40', 'suppressed', 1),
      change(quick, '08:50', 'new', 2),
      change(quick, '09:30', 'resolved', 3),
      late,
      change(late, '09:10', 'resolved', 1),
      high,
      change(high, '09:20', 'suppressed', 1),
    ]),
  );
  expect(found('Critical Finding Closed Within The Hour - Rule', events)).toEqual(['1']);
});

test('the last change is the one with the highest number, and outranks the state the detection was sent with', () => {
  const sentClosed = made('sent closed', 'Secret-In-Build-Log', at('09:00', '1'), { is_suppressed: true });
  const often = made('often', 'Secret-In-Build-Log', at('09:00', '2'));
  const events = indexedOf(
    tell([
      sentClosed,
      change(sentClosed, '09:10', 'new', 1),
      often,
      change(often, '09:10', 'new', 9),
      change(often, '09:20', 'suppressed', 10),
    ]),
  );
  expect(found('Secret Finding - Rule', events)).toEqual(['1']);
});

test('a finding with the same id as another is found too, and stays open when the other is sent closed', () => {
  const one = made('one', 'New-Outbound-Network-Call', at('09:00', '1'), { endpoint: 'one.example:443' });
  const called = (name: string, own: object = {}): Act => {
    return { name, payload: { ...one.payload, endpoint: `${name}.example:443`, detection: name, ...own } };
  };
  const [other, third] = [called('other', { is_resolved: true }), called('third')];
  const events = indexedOf(tell([one, other, third]));
  expect(new Set(events.map(({ fields }) => fields.uid)).size).toBe(1);
  expect(new Set(found('Network Finding - Rule', events, 'dest'))).toEqual(
    new Set(['one.example', 'third.example']),
  );
  // The throttle tells the two apart as well.
  const throttles = throttledBy('Network Finding - Rule').map((field) =>
    found('Network Finding - Rule', events, field),
  );
  expect(throttles.some((values) => new Set(values).size === 2)).toBe(true);
});

test('a blocked call no longer counts as blocked once it is suppressed, from the start or later', () => {
  const own = { endpoint: 'one.example.' };
  const later = made('later', 'Domain-Blocked', at('09:00', '2'), own);
  const events = indexedOf(
    tell([
      made('open', 'Domain-Blocked', at('09:00', '1'), own),
      later,
      change(later, '09:10', 'suppressed', 1),
      made('sent suppressed', 'Domain-Blocked', at('09:00', '3'), { ...own, is_suppressed: true }),
    ]),
  );
  const overview = readView('stepsecurity_overview');
  expect(runPanel(overview, 'blocked', events, NOW)).toEqual([{ blocked: 1 }]);
  expect(runPanel(overview, 'stopped', events, NOW)).toMatchObject([{ dest: 'one.example', count: 1 }]);
});

test('the dashboard of a run does not show a run of another repository with the same number', () => {
  const events = indexedOf(
    tell([
      made('here', 'Secret-In-Build-Log', at('09:00', '1')),
      made('elsewhere', 'Secret-In-Build-Log', { ...at('09:00', '1'), repo: 'web' }),
    ]),
  );
  const run = { repository: 'acme/api', run: '1' };
  expect(runPanel(readView('stepsecurity_run'), 'run', events, NOW, run)).toMatchObject([
    { repository: 'acme/api', findings: 1 },
  ]);
});

test('a package is named as a threat by its name and version', () => {
  const upgrade = { package_name: 'left-padder', previous_version: '4.1.0', current_version: '4.2.0' };
  const kind = 'NPM-Package-Upgrade-To-Suspicious-Version';
  const act = made('an upgrade', kind, at('09:00', '1'), { suspicious_npm_pkg_upgrade: upgrade });
  const events = indexedOf(tell([act]));
  expect(found('Supply Chain Finding - Rule', events, 'threat_package')).toEqual(['left-padder@4.2.0']);
});

test('a finished backfill does not count as a run', async () => {
  const [beat] = heartbeats();
  if (beat === undefined) throw new Error('no heartbeat');
  const run = { ...beat, finished: (NOW - 2 * 3_600) * 1_000 };
  const backfill = { ...beat, command: 'backfill', finished: (NOW - 60) * 1_000 };
  expect(found('No complete run', await indexedBeats([run, backfill]), 'silent_seconds')).toEqual(['7200']);
});
