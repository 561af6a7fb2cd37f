import * as z from 'zod';
import { attackName, attackVersion } from '../detections/attack-names.ts';
import { SEVERITIES } from '../detections/severity.ts';

/** What a mapping says beside the sections of the schemas. */

const severity = z.enum(SEVERITIES);
const sentences = z
  .array(z.string())
  .describe(
    'Sentences with {path}; the first whose paths are all present becomes event.reason. Of [called|tried to call] it has the second where the act was blocked.',
  );

function attackId(pattern: RegExp, what: string): z.ZodString {
  return z
    .string()
    .regex(pattern)
    .refine((id) => attackName(id) !== undefined, {
      error: ({ input }) => `${String(input)} is no ${what} of MITRE ATT&CK ${attackVersion()}`,
      // What is no id at all has been complained about.
      when: ({ value }) => pattern.test(String(value)),
    });
}

/** Of one kind. */
export const kindFacts = z.strictObject({
  detection: z
    .string()
    .min(1)
    .describe('The id as the vendor writes it; the file has its name in kebab case.'),
  aliases: z.array(z.string().min(1)).default([]).describe('Other ids of the same kind, read as this one.'),
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
    .array(z.string().regex(/^(?!allowed$|denied$)/, 'action says whether it was let through'))
    .default([])
    .describe('event.type; action adds allowed or denied.'),
  action: z
    .enum(['blocked', 'allowed'])
    .optional()
    .describe('What became of the act by the word of the kind itself; left out where nothing says so.'),
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

/** Of all kinds: `_common.yaml`. */
export const commonFacts = z.strictObject({
  change_reason: sentences.describe('Of a change of state.'),
  reason: sentences.describe("Where none of a kind's own has all its paths."),
  stopped: z
    .string()
    .describe('Begins the sentence of what the payload says was stopped, where its kind does not say so.'),
  program: sentences.describe('Ends the sentence where a program is named and no process of it is listed.'),
});

export type KindFacts = z.output<typeof kindFacts>;
export type CommonFacts = z.output<typeof commonFacts>;
