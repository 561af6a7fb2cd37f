import * as z from 'zod';
import { attackName, attackVersion } from '../detections/attack-names.ts';
import { SEVERITIES } from '../detections/severity.ts';

/** What a mapping says in addition to the schemas' sections. */

const severity = z.enum(SEVERITIES);
const sentences = z
  .array(z.string())
  .describe(
    'Sentences with {path}; the first whose paths are all present becomes event.reason. In [called|tried to call], the second form is used if the act was blocked.',
  );

function attackId(pattern: RegExp, what: string): z.ZodString {
  return z
    .string()
    .regex(pattern)
    .refine((id) => attackName(id) !== undefined, {
      error: ({ input }) => `${String(input)} is not a ${what} of MITRE ATT&CK ${attackVersion()}`,
      // If it does not even look like an id, the pattern has already been reported.
      when: ({ value }) => pattern.test(String(value)),
    });
}

/** For one kind. */
export const kindFacts = z.strictObject({
  detection: z
    .string()
    .min(1)
    .describe('The id as the vendor writes it; the file is named after it, in kebab case.'),
  aliases: z
    .array(z.string().min(1))
    .default([])
    .describe('Other ids of the same kind, treated as this one.'),
  title: z
    .string()
    .min(1)
    .describe(
      'The name of its detections. Incidents, and kinds without a mapping, use it only if the payload has no name.',
    ),
  dataset: z.enum(['detection', 'threat_intel', 'pr_check']).default('detection'),
  group: z
    .enum([
      'supply_chain',
      'network',
      'process',
      'file',
      'secret',
      'policy',
      'workflow',
      'agent',
      'threat_intel',
      'pr_check',
      'unknown',
    ])
    .describe('rule.category.'),
  event_kind: z.enum(['alert', 'enrichment']).default('alert'),
  category: z.array(z.string()).min(1).describe('event.category.'),
  type: z
    .array(z.string().regex(/^(?!allowed$|denied$)/, 'set action instead of these types'))
    .default([])
    .describe('event.type; action adds allowed or denied.'),
  action: z
    .enum(['blocked', 'allowed'])
    .optional()
    .describe('The outcome that the kind itself implies; leave it out if nothing says so.'),
  severity,
  threat: z
    .array(
      z.strictObject({
        tactic: attackId(/^TA\d{4}$/, 'tactic'),
        technique: attackId(/^T\d{4}(\.\d{3})?$/, 'technique').optional(),
      }),
    )
    .default([])
    .describe('MITRE ATT&CK.'),
  reason: sentences.default([]),
});

/** For all kinds: `_common.yaml`. */
export const commonFacts = z.strictObject({
  change_reason: sentences.describe('For a change of state.'),
  reason: sentences.describe('Used if no sentence of the kind has all its paths.'),
  stopped: z
    .string()
    .describe('Starts the sentence if the payload says that the act was stopped and the kind does not.'),
  program: sentences.describe('Ends the sentence if a program is named but none of its processes is listed.'),
});

export type KindFacts = z.output<typeof kindFacts>;
export type CommonFacts = z.output<typeof commonFacts>;
