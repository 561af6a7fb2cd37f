import { z } from 'zod';

/**
 * The form of saved objects in Elastic's own integrations: which members there are, and their types. A member that none
 * of them has is an error.
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
    // The versions of Kibana 8.9: older Kibanas refuse a later one.
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
