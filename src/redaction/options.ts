import { z } from 'zod';
import { linearPattern } from './pattern.ts';

const pattern = z
  .string()
  .min(1)
  .max(1_000)
  .refine((source) => linearPattern(source) !== undefined, 'not a regular expression in the syntax of RE2');

/** What the configuration adds to our own rules, and takes away. */
export const redactionSchema = z.strictObject({
  patterns: z
    .array(
      z.strictObject({
        rule: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,63}$/, 'small letters, digits and hyphens')
          .describe('Its name, in the mask and in the ledger.'),
        pattern: pattern.describe('In the syntax of RE2: no pattern can make reading slow.'),
      }),
    )
    .default([])
    .describe(
      'Secrets that are known by their characters, beside our own. Each is looked for in every text.',
    ),
  names: z
    .array(
      z
        .string()
        .min(3)
        .max(64)
        .regex(/^[\w.-]+$/, 'letters, digits, _, . and -'),
    )
    .default([])
    .describe(
      'Members, variables, flags, headers and query keys whose values are secrets, in any letter case.',
    ),
  exceptions: z
    .array(pattern)
    .default([])
    .describe('What stays although a rule takes it for a secret: one of these must match all of it.'),
});

export type RedactionOptions = z.output<typeof redactionSchema>;
