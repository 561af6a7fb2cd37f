import type { JsonObject } from '../../src/contracts/types.ts';
import { type Event, joined, sequenceOf } from './eql.ts';
import { kqlToQuery } from './kql.ts';
import type { Hit, Loaded } from './loaded.ts';
import type { Rule } from './objects.ts';

/**
 * The alerts that one execution of a Detection Engine rule would raise, as the ids of events or of sequences, or as the
 * values of groups. Uses event time: most rules use the time of ingestion, which here is when the suite ran.
 */
export interface Times {
  readonly now: string;
  readonly without: readonly string[];
}
type Alerts = readonly (readonly (string | number)[])[];

export async function execute(rule: Rule, loaded: Loaded, times: Times): Promise<Alerts> {
  const run = TYPES[rule.type];
  if (run === undefined) throw new Error(`${rule.rule_id}: the type ${rule.type}`);
  return run(rule, loaded, times);
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses `now-61m` and the like. */
function timeOf(math: string, now: string): number {
  const [, amount, unit = ''] = /^now-(\d+)([mhd])$/.exec(math) ?? [];
  if (amount === undefined) throw new Error(`not read: ${math}`);
  return Date.parse(now) - Number(amount) * (UNITS[unit] ?? Number.NaN);
}

const indexOf = (rule: Rule): string => (rule.index ?? []).join(',');

function within(query: JsonObject, from: number, { now, without }: Times): JsonObject {
  const range = { range: { '@timestamp': { gte: new Date(from).toISOString(), lt: now } } };
  return { bool: { filter: [query, range], must_not: [{ ids: { values: [...without] } }] } };
}

async function found(
  loaded: Loaded,
  index: string,
  query: JsonObject,
  fields: readonly string[] = [],
): Promise<readonly Hit[]> {
  const search = { size: 500, query, fields: ['@timestamp', ...fields], sort: [{ '@timestamp': 'asc' }] };
  return (await loaded.askOne(index, search)).hits.hits;
}

const TYPES: Readonly<Record<string, (rule: Rule, loaded: Loaded, times: Times) => Promise<Alerts>>> = {
  async query(rule, loaded, times) {
    const query = within(kqlToQuery(rule.query), timeOf(rule.from, times.now), times);
    return (await found(loaded, indexOf(rule), query)).map(({ _id }) => [_id]);
  },

  async threshold(rule, loaded, times) {
    if (rule.threshold === undefined) throw new Error(`${rule.rule_id}: no threshold`);
    const { field, value, cardinality } = rule.threshold;
    const [{ field: counted, value: distinct }] = cardinality;
    const query = within(kqlToQuery(rule.query), timeOf(rule.from, times.now), times);
    const terms = { terms: { field: field[0], min_doc_count: value, size: 1_000 } };
    const aggs = { groups: { ...terms, aggs: { distinct: { cardinality: { field: counted } } } } };
    const { aggregations } = await loaded.askOne(indexOf(rule), { size: 0, query, aggs });
    const { groups } = aggregations as unknown as {
      groups: { buckets: { key: string; doc_count: number; distinct: { value: number } }[] };
    };
    return groups.buckets
      .filter((group) => group.distinct.value >= distinct)
      .map((group) => [group.key, group.doc_count, group.distinct.value]);
  },

  /**
   * One alert for each combination of terms that is in the window but not in the history before it: its first event.
   */
  async new_terms(rule, loaded, times) {
    const { new_terms_fields: fields = [] } = rule;
    const from = timeOf(rule.from, times.now);
    const history = timeOf(rule.history_window_start ?? '', times.now);
    const hits = await found(loaded, indexOf(rule), within(kqlToQuery(rule.query), history, times), fields);
    const key = (hit: Hit) => JSON.stringify(fields.map((field) => hit.fields?.[field]));
    const first = new Map<string, Hit>();
    for (const hit of hits) if (!first.has(key(hit))) first.set(key(hit), hit);
    return [...first.values()].filter((hit) => momentOf(hit) >= from).map(({ _id }) => [_id]);
  },

  async threat_match(rule, loaded, times) {
    const { threat_mapping: mapping = [] } = rule;
    const { without } = times;
    const indicators = await found(
      loaded,
      (rule.threat_index ?? []).join(','),
      {
        bool: {
          filter: [kqlToQuery(rule.threat_query ?? '')],
          must_not: [{ ids: { values: [...without] } }],
        },
      },
      mapping.flatMap(({ entries }) => entries.map(({ value }) => value)),
    );
    const should = indicators.flatMap(({ fields }) =>
      mapping.flatMap(({ entries }) => {
        const terms = entries.map(({ field, value }) => ({
          terms: { [field]: [...(fields?.[value] ?? [])] },
        }));
        return [{ bool: { filter: terms } }];
      }),
    );
    const both = {
      bool: { filter: [kqlToQuery(rule.query), { bool: { should, minimum_should_match: 1 } }] },
    };
    const query = within(both, timeOf(rule.from, times.now), times);
    return (await found(loaded, indexOf(rule), query)).map(({ _id }) => [_id]);
  },

  async eql(rule, loaded, times) {
    const { steps, maxSpanMs } = sequenceOf(rule.query);
    const from = timeOf(rule.from, times.now);
    const events: Event[][] = [];
    for (const { query, by } of steps) {
      const hits = await found(loaded, indexOf(rule), within(query, from, times), by);
      events.push(
        hits
          .filter(({ fields }) => by.every((field) => fields?.[field] !== undefined))
          .map((hit) => ({
            id: hit._id,
            time: momentOf(hit),
            key: JSON.stringify(by.map((field) => hit.fields?.[field])),
          })),
      );
    }
    return joined(events, maxSpanMs);
  },

  /** Our only ES|QL query, as the equivalent aggregation. */
  async esql(rule, loaded, times) {
    const [, index = '', kind = '', value = '', field = '', hours] = SILENCE.exec(rule.query) ?? [];
    if (hours === undefined) throw new Error(`not read: ${rule.query}`);
    const query = within({ term: { [kind]: value } }, timeOf(rule.from, times.now), times);
    const aggs = { by: { terms: { field, size: 1_000 }, aggs: { last: { max: { field: '@timestamp' } } } } };
    const { aggregations } = await loaded.askOne(index, { size: 0, query, aggs });
    const { by } = aggregations as unknown as {
      by: { buckets: { key: string; last: { value: number } }[] };
    };
    const before = Date.parse(times.now) - Number(hours) * 3_600_000;
    return by.buckets.filter(({ last }) => last.value < before).map(({ key }) => [key]);
  },
};

const SILENCE =
  /^FROM (\S+)\n\| WHERE ([\w.]+) == "(\w+)"\n\| STATS last_heard = MAX\(@timestamp\) BY ([\w.]+)\n\| WHERE last_heard < NOW\(\) - (\d+) hours\n\| KEEP \4, last_heard$/;

const momentOf = ({ fields }: Hit): number => Date.parse(String(fields?.['@timestamp']?.[0]));
