import { z } from 'zod';
import { SEVERITIES } from '../detections/severity.ts';

/** What a mapping says beside the sections of the schemas. */

const severity = z.enum(SEVERITIES);
const sentences = z
  .array(z.string())
  .describe('Sentences with {path}; the first whose paths are all present becomes event.reason.');

/** Of one kind. */
export const kindFacts = z.strictObject({
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
  reason: sentences.default([]),
});

/** Of all kinds: `_common.yaml`. */
export const commonFacts = z.strictObject({
  change_reason: sentences.describe('Of a change of state.'),
  reason: sentences.describe("Where none of a kind's own has all its paths."),
});

export type KindFacts = z.output<typeof kindFacts>;
export type CommonFacts = z.output<typeof commonFacts>;
