import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { kindFacts } from '../../src/mapping/facts.ts';
import { readGolden } from '../mapping/golden.ts';
import { addonConf, readAddon } from './spl/addon.ts';
import { indexedOf } from './spl/index-events.ts';
import { expandMacros } from './spl/macros.ts';
import { runSearch } from './spl/run.ts';
import { type Row, textOf } from './spl/values.ts';
import { tell } from './story/index.ts';

/** The settings for Splunk Enterprise Security that go with the rules' searches: valid for ES, and true. */

const rules = [...addonConf('savedsearches')].filter(([name]) => name.endsWith(' - Rule'));
const groups = kindFacts.shape.group.options;
const events = indexedOf(tell());

interface Risk {
  readonly risk_object_field?: string;
  readonly risk_object_type?: string;
  readonly risk_score?: number;
  readonly threat_object_field?: string;
  readonly threat_object_type?: string;
}
interface Drilldown {
  readonly name: string;
  readonly search: string;
  readonly earliest_offset: string;
  readonly latest_offset: string;
}

type Settings = ReadonlyMap<string, string>;

const json = (settings: Settings, key: string): unknown => JSON.parse(settings.get(key) ?? '');

/** Everything a rule finds in the story, running a minute after each event was indexed. */
function found(search: string): Row[] {
  const times = [...new Set(events.map(({ indexed }) => indexed + 60))];
  return times.flatMap((now) => runSearch(search, events, { now, earliest: '-7d@h', latest: 'now' }));
}

test('every group that a kind can belong to has its rule', () => {
  const searched = rules.flatMap(
    ([, settings]) => /kind_group="(\w+)"/.exec(expandMacros(settings.get('search') ?? ''))?.slice(1) ?? [],
  );
  // `unknown` is the mapping for kinds without one.
  expect(searched.sort()).toEqual([...new Set([...groups, 'unknown'])].sort());
});

test('rules are spread over the minutes as evenly as possible', () => {
  const minutes = rules.map(([, settings]) => settings.get('cron_schedule') ?? '');
  for (const cron of minutes) expect(cron).toMatch(/^\d-59\/10 \* \* \* \*$/);
  for (const cron of minutes) expect(minutes.filter((one) => one === cron).length).toBeLessThanOrEqual(2);
});

/** Tokens of the saved search that Splunk documents for every alert action, whatever fields the results have. */
const METADATA =
  'app cron_schedule description name next_scheduled_time owner results_link search type'.split(' ');

const TYPES = new Set(['system', 'user', 'domain', 'ip_address', 'process_hash', 'package']);

describe.each(rules)('%s', (name, settings) => {
  const search = settings.get('search') ?? '';
  const rows = found(search);
  const columns = new Set(rows.flatMap((row) => Object.keys(row)));

  it('is disabled, and in the form that ES reads', () => {
    expect(Object.fromEntries(settings)).toMatchObject({
      disabled: '1',
      enableSched: '1',
      'action.notable': '1',
      'action.correlationsearch.enabled': '1',
      'action.correlationsearch.detection_type': 'ebd',
      'action.correlationsearch.label': name.replace(/ - Rule$/, ''),
      'alert.suppress': '1',
      'alert.digest_mode': '1',
      'dispatch.latest_time': 'now',
    });
    // ES keeps 99 characters of a name, and puts a security domain before it.
    expect(name.length).toBeLessThan(85);
    expect(settings.get('alert.suppress.period')).toMatch(/^\d+[smh]$/);
    expect(settings.get('action.notable.param.security_domain')).toMatch(/^(?:endpoint|network|threat)$/);
    expect(settings.get('action.notable.param.severity')).toMatch(/^(?:critical|high|medium|low)$/);
    expect((json(settings, 'action.notable.param.next_steps') as { version: number }).version).toBe(1);
  });

  it('throttles by, and names, only fields that its results have', () => {
    expect(rows.length).toBeGreaterThan(0);
    const texts = ['rule_title', 'rule_description'].map(
      (key) => settings.get(`action.notable.param.${key}`) ?? '',
    );
    const tokens = [...texts, settings.get('action.risk.param._risk_message') ?? ''].flatMap((text) =>
      [...text.matchAll(/\$(\w+)\$/g)].map((match) => match[1] ?? ''),
    );
    // Splunk itself fills these in before Enterprise Security sees them.
    for (const token of tokens) expect(METADATA).not.toContain(token);
    const throttled = settings.get('alert.suppress.fields')?.split(',') ?? [];
    for (const field of [...tokens, ...throttled]) expect([...columns]).toContain(field);
    // If it were throttled by a missing field, one finding would silence all.
    for (const row of rows) for (const field of throttled) expect(row[field]).toBeDefined();
  });

  it('scores the risk objects it names, and names threat objects', () => {
    if (settings.get('action.risk') !== '1') return;
    const risks = json(settings, 'action.risk.param._risk') as Risk[];
    for (const { risk_object_field: risk, threat_object_field: threat, ...rest } of risks) {
      expect([...columns]).toContain(risk ?? threat);
      expect(TYPES.has(rest.risk_object_type ?? rest.threat_object_type ?? '')).toBe(true);
      expect(rest.risk_score === undefined).toBe(threat !== undefined);
    }
    expect(risks.map((one) => one.risk_object_field ?? one.threat_object_field)).toEqual([
      'src',
      'user',
      'threat_domain',
      'threat_ip',
      'threat_hash',
      'threat_package',
    ]);
    const scores: Readonly<Record<string, number>> = { critical: 80, high: 60, medium: 30, low: 10 };
    for (const row of rows) expect(row.risk_score).toBe(scores[textOf(row.severity) ?? '']);
    expect(risks[0]?.risk_score).toBe(scores[settings.get('action.notable.param.severity') ?? '']);
  });

  it('leads from each result to its run or its findings', () => {
    const drilldowns = json(settings, 'action.notable.param.drilldown_searches') as Drilldown[];
    expect(drilldowns.length).toBeGreaterThan(0);
    const leads = rows.map((row) => {
      const fits = drilldowns.filter(({ search: to }) =>
        [...to.matchAll(/\$(\w+)\|s\$/g)].every(([, field]) => row[field ?? ''] !== undefined),
      );
      return fits.map(({ search: to, earliest_offset: earliest, latest_offset: latest }) => {
        expect([earliest, latest]).toEqual(['$info_min_time$', '$info_max_time$']);
        const filled = to.replaceAll(/\$(\w+)\|s\$/g, (_, field: string) => `"${textOf(row[field])}"`);
        expect(filled).not.toContain('$');
        return runSearch(filled, events, {
          now: Date.parse('2026-03-16T12:00Z') / 1_000,
          earliest: '-7d',
          latest: 'now',
        });
      });
    });
    // An incident names a package that may have no findings.
    if (name.includes('Threat Intelligence')) return;
    for (const lead of leads) expect(lead.some((results) => results.length > 0)).toBe(true);
  });
});

/** The group as the add-on calculates it. */
const groupOf = ({ cim_model: model, category, kind_group: given }: JsonObject): unknown =>
  given ?? (model === 'Intrusion_Detection.IDS_Attacks' ? category : undefined);

const annotations = (settings: Settings): { analytic_story: string[]; mitre_attack?: string[] } =>
  json(settings, 'action.correlationsearch.annotations') as {
    analytic_story: string[];
    mitre_attack?: string[];
  };

test.each(rules)('%s names only techniques that a detection of its group shows', (_, settings) => {
  const { mitre_attack: named = [] } = annotations(settings);
  const group = /kind_group="(\w+)"/.exec(expandMacros(settings.get('search') ?? ''))?.[1];
  const shown = readGolden('cim').flatMap(({ documents }) =>
    documents.best_fit
      .filter((event) => group !== undefined && groupOf(event) === group)
      .flatMap((event) => (event.mitre_technique_id ?? []) as string[]),
  );
  // A new kind may show another technique; the maintainer of the rules decides whether to add it.
  expect(named.filter((technique) => !shown.includes(technique))).toEqual([]);
});

test('the README lists the analytic stories, each with its rules', () => {
  const readme = readAddon('README.md');
  const stories = new Map<string, string[]>();
  for (const [name, settings] of rules)
    for (const story of annotations(settings).analytic_story)
      stories.set(story, [...(stories.get(story) ?? []), name.replace(/^StepSecurity - | - Rule$/g, '')]);
  for (const [story, names] of stories) {
    const line = readme.split('\n').find((one) => one.startsWith(`| ${story} |`)) ?? '';
    expect({
      story,
      rules: line
        .match(/\*([^*]+)\*/g)
        ?.map((one) => one.slice(1, -1))
        .sort(),
    }).toEqual({
      story,
      rules: names.sort(),
    });
  }
});
