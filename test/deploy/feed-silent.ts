import { text } from './artefacts.ts';

/** The body that creates the rule in Kibana, as far as the tests read it. */
export interface SilenceRule {
  readonly rule_type_id: string;
  readonly schedule: { readonly interval: string };
  readonly params: {
    readonly index: readonly string[];
    readonly timeField: string;
    /** A search, as JSON inside JSON. */
    readonly esQuery: string;
    readonly timeWindowSize: number;
    readonly timeWindowUnit: string;
    readonly thresholdComparator: string;
    readonly threshold: readonly number[];
    readonly groupBy: string;
    readonly aggType: string;
  };
}

export const silenceRule = JSON.parse(
  text('elasticsearch/kibana/stepsecurity-feed-silent.json'),
) as SilenceRule;

/** The search that Kibana builds from it at `now`: its query within its time window. */
export function searchAt(now: number): { readonly query: unknown } {
  const { esQuery, timeField, timeWindowSize, timeWindowUnit } = silenceRule.params;
  const { query } = JSON.parse(esQuery) as { query: unknown };
  const to = new Date(now).toISOString();
  const from = `${to}||-${timeWindowSize}${timeWindowUnit}`;
  return { query: { bool: { filter: [query, { range: { [timeField]: { gte: from, lte: to } } }] } } };
}
