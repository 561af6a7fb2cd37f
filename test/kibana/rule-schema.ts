import { z } from 'zod';

const text = z.string();
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
  enabled: z.literal(true).optional(),
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

/** The form of a rule, as the Detection Engine API documents it for each type. */
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
    // No fields to group by: a threshold rule groups by its own.
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
