import { z } from 'zod';
import { SEVERITIES } from '../detections/severity.ts';

const literal = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string(), z.number(), z.boolean()])),
]);
const path = z.string().regex(/^[a-z_]\w*(\.\w+)*$/i, 'a path such as endpoint.port');

const rule = z.union([
  literal,
  z.strictObject({
    from: z.union([path, z.array(path).min(1)]).describe('The first of these that is present.'),
    as: z
      .enum(['integer', 'date', 'ip', 'lower', 'list', 'boolean', 'string'])
      .optional()
      .describe('Convert; what cannot be converted is absent.'),
    map: z
      .record(z.string(), literal)
      .optional()
      .describe('Look the value up; what is not listed is absent.'),
    default: literal.optional().describe('When nothing is present.'),
  }),
]);
const fields = z.record(z.string().regex(/^[@a-z_][\w.]*$/i, 'a dotted field name'), rule);
const severity = z.enum(SEVERITIES);
const reason = z
  .array(z.string())
  .describe('Sentences with {path}; the first whose paths are all present becomes event.reason.');

const model = z
  .string()
  .regex(/^[A-Z]\w+\.[A-Z]\w+$/)
  .describe('Data model and dataset, e.g. Intrusion_Detection.IDS_Attacks.');

export const kindFile = z
  .strictObject({
    detection: z
      .string()
      .min(1)
      .describe('The id as the vendor writes it; the file has its name in kebab case.'),
    title: z.string().min(1).describe('The name of a detection whose payload has none.'),
    dataset: z.enum(['detection', 'threat_intel', 'pr_check']).default('detection'),
    group: z
      .enum([
        'supply_chain',
        'network',
        'process',
        'file',
        'secret',
        'policy',
        'agent',
        'threat_intel',
        'pr_check',
        'unknown',
      ])
      .describe('rule.category.'),
    event_kind: z.enum(['alert', 'enrichment']).default('alert'),
    category: z.array(z.string()).min(1).describe('event.category.'),
    type: z
      .array(z.string())
      .min(1)
      .describe('event.type; denied is added when lockdown or enforcement stopped the action.'),
    blocked: z.boolean().default(false).describe('The kind itself says that the action was stopped.'),
    severity,
    threat: z
      .array(
        z.strictObject({
          tactic: z.string().regex(/^TA\d{4}$/),
          technique: z
            .string()
            .regex(/^T\d{4}(\.\d{3})?$/)
            .optional(),
        }),
      )
      .default([])
      .describe('MITRE ATT&CK.'),
    reason: reason.default([]),
    ecs: fields.default({}).describe('ECS fields of this kind, over those of _common.'),
    cim: z.strictObject({
      model,
      fields: fields.default({}).describe('CIM fields of this kind, over those of _common and of the model.'),
      activity: z
        .strictObject({ model, fields: fields.default({}) })
        .optional()
        .describe('The second event of the profile fan_out.'),
    }),
  })
  .describe('How one detection becomes ECS and CIM.');

export const commonFile = z
  .strictObject({
    change_reason: reason.describe('Of a change of state.'),
    reason: reason.describe("Where none of a kind's own has all its paths."),
    ecs: fields,
    cim: z.strictObject({
      fields: fields.describe('Of every event.'),
      models: z.record(model, fields).describe('Added for the events of a model.'),
      activity: fields.describe('Of every second event of fan_out.'),
    }),
  })
  .describe('What all detections share.');

export type Rule = z.output<typeof rule>;
export type Fields = Record<string, Rule>;
export type KindFile = z.output<typeof kindFile>;
export type CommonFile = z.output<typeof commonFile>;
