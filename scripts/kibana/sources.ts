import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** What the files next to this one may contain. An unknown key is an error. */

const KQL = z.string();
const filters = z.record(z.string(), KQL);

const bucket = z.union([
  z.strictObject({
    top: z.int(),
    of: z.string(),
    label: z.string(),
    missing: z.boolean().default(false),
    number: z.boolean().default(false),
  }),
  z.strictObject({ filters: z.union([z.string().startsWith('$'), filters]), label: z.string() }),
  z.strictObject({ every: z.enum(['1d', 'auto']) }),
]);

const where = { where: KQL.optional() };
const measure = z.union([
  z.strictObject({ count: z.string(), ...where }),
  z.strictObject({ unique: z.string(), label: z.string(), ...where }),
  z.strictObject({ sum: z.string(), label: z.string(), ...where }),
  z.strictObject({ max: z.string(), label: z.string(), ...where }),
  z.strictObject({ last: z.string(), label: z.string(), text: z.boolean().default(false) }),
]);

const at = z.tuple([z.int(), z.int(), z.int(), z.int()]);
const chart = z.strictObject({
  id: z.string(),
  as: z.enum(['number', 'bars', 'lines', 'donut', 'ranking', 'table']),
  title: z.string(),
  at,
  query: KQL.default(''),
  by: z.array(bucket).default([]),
  measures: z.array(measure).min(1),
});
const panel = z.discriminatedUnion('as', [
  z.strictObject({ id: z.string(), as: z.literal('links'), at }),
  z.strictObject({ id: z.string(), as: z.literal('list'), search: z.string(), title: z.string(), at }),
  chart,
]);

const data = z.enum(['events', 'feed']);
const datasets = z.array(z.string()).min(1);
const dashboard = z.strictObject({
  title: z.string(),
  description: z.string(),
  data,
  datasets,
  controls: z.array(
    z.strictObject({ field: z.string(), title: z.string(), exact: z.boolean().default(false) }),
  ),
  panels: z.array(panel),
});
const search = z.strictObject({
  title: z.string(),
  description: z.string(),
  data,
  datasets,
  query: KQL,
  columns: z.array(z.string()),
  ascending: z.boolean().default(false),
});

const duration = z.strictObject({ value: z.int(), unit: z.enum(['m', 'h']) });
const rule = z.strictObject({
  rule_id: z.string(),
  name: z.string(),
  description: z.string(),
  type: z.enum(['query', 'eql', 'threshold', 'new_terms', 'threat_match', 'esql']),
  index: z.array(z.string()).optional(),
  query: z.string(),
  threshold: z
    .strictObject({
      field: z.array(z.string()),
      value: z.int(),
      cardinality: z.array(z.strictObject({ field: z.string(), value: z.int() })),
    })
    .optional(),
  new_terms_fields: z.array(z.string()).optional(),
  history_window_start: z.string().optional(),
  threat_index: z.array(z.string()).optional(),
  threat_query: z.string().optional(),
  threat_mapping: z
    .array(
      z.strictObject({
        entries: z.array(
          z.strictObject({ field: z.string(), type: z.literal('mapping'), value: z.string() }),
        ),
      }),
    )
    .optional(),
  enabled: z.boolean().default(false),
  interval: z.string(),
  from: z.string(),
  max_signals: z.int().optional(),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  risk_score: z.int().optional(),
  /** Name, severity and risk come from the event. */
  by_event: z.boolean().default(false),
  /** The time field to use, if it is not the time of ingestion. */
  by_time: z.literal('@timestamp').optional(),
  threat: z.array(z.string().regex(/^TA\d{4}(?: T\d{4}(?:\.\d{3})?)?$/)),
  suppress: z.strictObject({ group_by: z.array(z.string()).max(3), for: duration }).optional(),
  suppress_for: duration.optional(),
  fields: z.array(z.string()).min(1),
  false_positives: z.array(z.string()).min(1),
  setup: z.string().optional(),
  note: z.string(),
});
const shared = z.strictObject({ queries: z.record(z.string(), KQL), filters: z.record(z.string(), filters) });

export type Bucket = z.infer<typeof bucket>;
export type Measure = z.infer<typeof measure>;
export type Chart = z.infer<typeof chart>;
export type Panel = z.infer<typeof panel>;
export type Data = z.infer<typeof data>;
export type Dashboard = z.infer<typeof dashboard>;
export type Search = z.infer<typeof search>;
export type RuleSource = z.infer<typeof rule>;

const text = (path: string): unknown => parse(readFileSync(join(import.meta.dirname, path), 'utf8'));

function folder<T>(name: string, schema: z.ZodType<T>): Map<string, T> {
  const files = readdirSync(join(import.meta.dirname, name)).sort();
  return new Map(files.map((file) => [basename(file, '.yaml'), schema.parse(text(join(name, file)))]));
}

const named = shared.parse(text('queries.yaml'));
export const filterSets = named.filters;
export const dashboards = folder('dashboards', dashboard);
export const searches = folder('searches', search);
export const rules = folder('rules', rule);

/** A query as it is, or the one that `$name` refers to. */
export function queryOf(written: string): string {
  if (!written.startsWith('$')) return written;
  const query = named.queries[written.slice(1)];
  if (query === undefined) throw new Error(`queries.yaml has no ${written}`);
  return query;
}
