import { z } from 'zod';

/**
 * The form of saved objects, as those of Elastic's own integrations have it: which members there are, and of what type. A
 * member that none of them has is an error.
 */
const text = z.string();
const reference = z.strictObject({ type: text, id: text, name: text });
const query = z.strictObject({ query: text, language: z.literal('kuery') });
const json = <T>(inner: z.ZodType<T>) =>
  z.string().transform((written, context) => {
    const read = inner.safeParse(JSON.parse(written));
    if (read.success) return read.data;
    context.addIssue({ code: 'custom', message: z.prettifyError(read.error) });
    return z.NEVER;
  });

const filter = z.strictObject({
  $state: z.strictObject({ store: z.literal('appState') }),
  meta: z.strictObject({
    alias: z.null(),
    disabled: z.literal(false),
    field: text,
    indexRefName: text,
    key: text,
    negate: z.literal(false),
    params: z.union([z.strictObject({ query: text }), z.array(text)]),
    type: z.enum(['phrase', 'phrases']),
  }),
  query: z.record(text, z.unknown()),
});
const source = (more: z.ZodRawShape = {}) =>
  z.strictObject({
    searchSourceJSON: json(z.strictObject({ query, filter: z.array(filter).min(1), ...more })),
  });

const column = z.strictObject({
  label: text,
  customLabel: z.literal(true).optional(),
  dataType: z.enum(['number', 'string', 'date', 'boolean']),
  isBucketed: z.boolean(),
  scale: z.enum(['ratio', 'ordinal', 'interval']),
  operationType: z.enum([
    'count',
    'unique_count',
    'sum',
    'max',
    'last_value',
    'terms',
    'filters',
    'date_histogram',
  ]),
  sourceField: text.optional(),
  filter: query.optional(),
  params: z.record(text, z.unknown()),
});
const lens = z.strictObject({
  title: z.literal(''),
  description: text,
  type: z.literal('lens'),
  visualizationType: z.enum(['lnsMetric', 'lnsXY', 'lnsPie', 'lnsDatatable']),
  references: z.tuple([reference]),
  state: z.strictObject({
    adHocDataViews: z.strictObject({}),
    datasourceStates: z.strictObject({
      formBased: z.strictObject({
        layers: z.record(
          text,
          z.strictObject({
            columnOrder: z.array(text),
            columns: z.record(text, column),
            incompleteColumns: z.strictObject({}),
            sampling: z.literal(1),
          }),
        ),
      }),
    }),
    filters: z.array(z.never()),
    internalReferences: z.array(z.never()),
    query,
    visualization: z.record(text, z.unknown()),
  }),
});
const links = z.strictObject({
  layout: z.literal('horizontal'),
  links: z.array(
    z.strictObject({
      id: text,
      type: z.literal('dashboardLink'),
      label: text,
      order: z.int(),
      destinationRefName: text,
      options: z.strictObject({
        openInNewTab: z.boolean(),
        useCurrentDateRange: z.boolean(),
        useCurrentFilters: z.boolean(),
      }),
    }),
  ),
});
const frame = {
  panelIndex: text,
  gridData: z.strictObject({ x: z.int(), y: z.int(), w: z.int(), h: z.int(), i: text }),
};
const enhancements = z.strictObject({});
const panel = z.discriminatedUnion('type', [
  z.strictObject({
    ...frame,
    type: z.literal('lens'),
    title: text,
    embeddableConfig: z.strictObject({ attributes: lens, enhancements }),
  }),
  z.strictObject({
    ...frame,
    type: z.literal('links'),
    embeddableConfig: z.strictObject({ attributes: links, enhancements }),
  }),
  z.strictObject({
    ...frame,
    type: z.literal('search'),
    title: text,
    panelRefName: text,
    embeddableConfig: z.strictObject({ enhancements }),
  }),
]);
const control = z.strictObject({
  type: z.literal('optionsListControl'),
  order: z.int(),
  grow: z.boolean(),
  width: z.enum(['small', 'medium', 'large']),
  explicitInput: z.strictObject({
    id: text,
    dataViewId: text,
    fieldName: text,
    title: text,
    searchTechnique: z.enum(['prefix', 'wildcard', 'exact']),
    selectedOptions: z.array(z.never()),
    sort: z.strictObject({ by: z.enum(['_count', '_key']), direction: z.enum(['asc', 'desc']) }),
  }),
});

const object = (type: string, typeMigrationVersion: string, attributes: z.ZodRawShape) =>
  z.strictObject({
    type: z.literal(type),
    id: text.startsWith('stepsecurity_siem-'),
    attributes: z.strictObject(attributes),
    references: z.array(reference),
    // Those of Kibana 8.9: a later form is refused by the Kibanas before it.
    coreMigrationVersion: z.literal('8.8.0'),
    typeMigrationVersion: z.literal(typeMigrationVersion),
  });

export const savedObject = z.union([
  object('tag', '8.0.0', { name: text, description: text, color: text.regex(/^#[0-9A-F]{6}$/) }),
  object('index-pattern', '8.0.0', {
    title: text,
    name: text,
    timeFieldName: z.literal('@timestamp'),
    fieldFormatMap: json(z.record(text, z.strictObject({ id: text, params: z.record(text, text) }))),
    runtimeFieldMap: json(
      z.record(
        text,
        z.strictObject({ type: z.literal('keyword'), script: z.strictObject({ source: text }) }),
      ),
    ),
    fieldAttrs: json(z.strictObject({})),
    fields: json(z.array(z.never())),
    sourceFilters: json(z.array(z.never())),
    allowHidden: z.literal(false),
  }),
  object('search', '8.0.0', {
    title: text.startsWith('[StepSecurity] '),
    description: text,
    columns: z.array(text).min(1),
    sort: z.tuple([z.tuple([text, z.enum(['asc', 'desc'])])]),
    grid: z.strictObject({}),
    hideChart: z.boolean(),
    isTextBasedQuery: z.literal(false),
    timeRestore: z.literal(false),
    kibanaSavedObjectMeta: source({ indexRefName: text }),
  }),
  object('dashboard', '8.9.0', {
    title: text.startsWith('[StepSecurity] '),
    description: text,
    version: z.int(),
    timeRestore: z.literal(false),
    panelsJSON: json(z.array(panel)),
    optionsJSON: json(z.record(text, z.boolean())),
    controlGroupInput: z.strictObject({
      controlStyle: z.literal('oneLine'),
      chainingSystem: z.literal('HIERARCHICAL'),
      ignoreParentSettingsJSON: json(z.record(text, z.boolean())),
      panelsJSON: json(z.record(text, control)),
    }),
    kibanaSavedObjectMeta: source(),
  }),
]);

const mapping = { field: text, operator: z.literal('equals'), value: text };
const attack = { id: text, name: text, reference: z.url() };
const duration = z.strictObject({ value: z.int().positive(), unit: z.enum(['s', 'm', 'h']) });
const span = text.regex(/^\d+[smh]$/);
const common = {
  rule_id: text.regex(/^stepsecurity-[a-z-]+$/),
  name: text.startsWith('StepSecurity '),
  description: text,
  query: text.min(1),
  interval: span,
  from: text.regex(/^now-\d+[mhd]$/),
  to: z.literal('now'),
  max_signals: z.int().positive().max(1_000),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  risk_score: z.int().min(0).max(100),
  severity_mapping: z.array(
    z.strictObject({ ...mapping, severity: z.enum(['low', 'medium', 'high', 'critical']) }),
  ),
  risk_score_mapping: z.array(z.strictObject(mapping)),
  rule_name_override: text.optional(),
  threat: z
    .array(
      z.strictObject({
        framework: z.literal('MITRE ATT&CK'),
        tactic: z.strictObject(attack),
        technique: z.array(z.strictObject({ ...attack, subtechnique: z.array(z.strictObject(attack)) })),
      }),
    )
    .min(1),
  investigation_fields: z.strictObject({ field_names: z.array(text).min(1) }),
  related_integrations: z.tuple([
    z.strictObject({ package: text, version: text.regex(/^\^\d+\.\d+\.\d+$/) }),
  ]),
  required_fields: z.array(z.never()),
  false_positives: z.array(text).min(1),
  references: z.array(z.url()).min(1),
  note: text.startsWith('## Triage and analysis\n'),
  setup: text.startsWith('## Setup\n').optional(),
  tags: z.array(text.regex(/^(?:Domain|Platform|Service|Data Source|Use Case|Tactic|Rule Type|Resources): /)),
  author: z.array(text).min(1),
  license: z.literal('Apache-2.0'),
  exceptions_list: z.array(z.never()),
  actions: z.array(z.never()),
  enabled: z.boolean(),
  immutable: z.literal(false),
  version: z.int().positive(),
};
const events = { index: z.array(text).min(1), filters: z.array(z.never()) };
const kuery = { ...events, language: z.literal('kuery'), timestamp_override: text.optional() };
const suppression = {
  alert_suppression: z
    .strictObject({
      group_by: z.array(text).min(1).max(3),
      duration,
      missing_fields_strategy: z.enum(['suppress', 'doNotSuppress']),
    })
    .optional(),
};

/** The form of a rule, as the API of the Detection Engine documents it for each type. */
export const detectionRule = z.discriminatedUnion('type', [
  z.strictObject({ ...common, ...kuery, ...suppression, type: z.literal('query') }),
  z.strictObject({
    ...common,
    ...events,
    ...suppression,
    type: z.literal('eql'),
    language: z.literal('eql'),
  }),
  z.strictObject({ ...common, ...suppression, type: z.literal('esql'), language: z.literal('esql') }),
  z.strictObject({
    ...common,
    ...kuery,
    type: z.literal('threshold'),
    threshold: z.strictObject({
      field: z.array(text).min(1),
      value: z.int().positive(),
      cardinality: z.array(z.strictObject({ field: text, value: z.int().positive() })).max(1),
    }),
    // No fields to group by: those of the threshold are.
    alert_suppression: z.strictObject({ duration }).optional(),
  }),
  z.strictObject({
    ...common,
    ...kuery,
    ...suppression,
    type: z.literal('new_terms'),
    new_terms_fields: z.array(text).min(1).max(3),
    history_window_start: text.regex(/^now-\d+d$/),
  }),
  z.strictObject({
    ...common,
    ...kuery,
    ...suppression,
    type: z.literal('threat_match'),
    threat_index: z.array(text).min(1),
    threat_query: text,
    threat_language: z.literal('kuery'),
    threat_filters: z.array(z.never()),
    threat_indicator_path: text,
    threat_mapping: z.array(
      z.strictObject({
        entries: z.array(z.strictObject({ field: text, type: z.literal('mapping'), value: text })).min(1),
      }),
    ),
  }),
]);
