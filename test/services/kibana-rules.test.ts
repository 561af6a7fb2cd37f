import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { flatten } from '../../src/mapping/lint/flatten.ts';
import { execute } from '../kibana/engine.ts';
import { GOLDEN, loadedInto, SCENARIO } from '../kibana/loaded.ts';
import { detectionRules, type Rule } from '../kibana/objects.ts';
import { describeWith, need } from './require.ts';

interface Expected {
  readonly raises: readonly (readonly (string | number)[])[];
  readonly alerts?: number;
}

const expected = parse(
  readFileSync(join(import.meta.dirname, '../kibana/expected/rules.yaml'), 'utf8'),
) as Readonly<Record<string, Readonly<Record<string, Expected>>>>;

describeWith(['ELASTICSEARCH_URL'], 'the detection rules, asked of a real Elasticsearch', () => {
  const loaded = loadedInto(need('ELASTICSEARCH_URL'), 'rules');
  beforeAll(loaded.load);
  afterAll(loaded.unload);

  const raised = async (rule: Rule, now: string, without: readonly string[] = []) =>
    [...(await execute(rule, loaded, { now, without }))].sort((a, b) => order(a[0], b[0]));
  const order = (a: string | number | undefined, b: string | number | undefined): number =>
    loaded.ids().indexOf(String(a)) - loaded.ids().indexOf(String(b)) || String(a).localeCompare(String(b));

  it('each has its numbers, and there are no others', () => {
    expect(Object.keys(expected).sort()).toEqual(detectionRules.map(({ rule_id }) => rule_id).sort());
  });

  describe.each(detectionRules.map((rule) => [rule.rule_id, rule] as const))('%s', (id, rule) => {
    const moments = Object.entries(expected[id] ?? {});

    it.each(moments)('at %s', async (now, { raises, alerts }) => {
      const found = await raised(rule, now);
      expect(found).toEqual([...raises].sort((a, b) => order(a[0], b[0])));
      if (alerts !== undefined) expect(await groupsOf(rule, found)).toBe(alerts);
      else expect(rule.alert_suppression === undefined || found.length === 0).toBe(true);
    });

    it('finds something else when a document is removed', async () => {
      const changed = new Set<string>();
      for (const [now] of moments) {
        const before = JSON.stringify(await raised(rule, now));
        for (const one of loaded.ids())
          if (JSON.stringify(await raised(rule, now, [one])) !== before) changed.add(one);
      }
      expect(changed.size).toBeGreaterThan(0);
    });
  });

  /** How many alerts are left when those with the same values count as one. */
  async function groupsOf(rule: Rule, found: readonly (readonly (string | number)[])[]): Promise<number> {
    const { group_by: fields } = rule.alert_suppression ?? {};
    if (fields === undefined || rule.type === 'esql') return found.length;
    const query = { ids: { values: found.map(([id]) => String(id)) } };
    const index = (rule.index ?? []).join(',');
    const { hits } = await loaded.askOne(index, { size: 500, query, fields: [...fields] });
    const keys = hits.hits.map((hit) => JSON.stringify(fields.map((field) => hit.fields?.[field])));
    return new Set(keys).size;
  }

  it('map every severity of an event, which is one of five', async () => {
    const aggs = { severities: { terms: { field: 'event.severity', size: 100 } } };
    const search = (times: readonly [string, string]) => ({
      size: 0,
      query: { range: { '@timestamp': { gte: times[0], lt: times[1] } } },
      aggs,
    });
    const replies = await loaded.ask('logs-stepsecurity.*-*', [search(SCENARIO), search(GOLDEN)]);
    const numbers = replies.flatMap(({ aggregations }) =>
      (aggregations as unknown as { severities: { buckets: { key: number }[] } }).severities.buckets.map(
        ({ key }) => String(key),
      ),
    );
    expect([...new Set(numbers)].sort()).toEqual(['0', '21', '47', '73', '99']);
    for (const rule of detectionRules.filter((one) => one.rule_name_override !== undefined)) {
      const mapped = rule.severity_mapping.map(({ value }) => value);
      expect(mapped.sort()).toEqual(['0', '21', '47', '73', '99']);
    }
  });

  it('name fields that documents have', async () => {
    const { hits } = await loaded.askOne('logs-stepsecurity.*-*,metrics-stepsecurity.feed-*', {
      size: 1_000,
    });
    const written = new Set(hits.hits.flatMap(({ _source }) => flatten(_source)).map(({ field }) => field));
    const named = detectionRules.flatMap((rule) => [
      ...rule.investigation_fields.field_names,
      ...(rule.alert_suppression?.group_by ?? []),
    ]);
    expect(named.filter((field) => !written.has(field) && field !== 'last_heard')).toEqual([]);
  });
});
