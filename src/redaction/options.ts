import * as z from 'zod';
import { linearPattern } from './pattern.ts';

const pattern = z
  .string()
  .min(1)
  .max(1_000)
  .refine((source) => linearPattern(source) !== undefined, 'not a regular expression in RE2 syntax');

/** What the configuration adds to our own rules, and takes away. */
export const redactionSchema = z.strictObject({
  patterns: z
    .array(
      z.strictObject({
        rule: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,63}$/, 'lower-case letters, digits and hyphens')
          .describe('Its name, used in the mask and in the ledger.'),
        pattern: pattern.describe('In RE2 syntax, so that no pattern can make reading slow.'),
      }),
    )
    .default([])
    .describe(
      'Secrets recognized by their characters, in addition to our own. Every text is searched for each pattern.',
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
    .describe('Members, variables, flags, headers and query keys whose values are secrets, ignoring case.'),
  exceptions: z
    .array(pattern)
    .default([])
    .describe(
      'What to keep although a rule considers it a secret: one of these patterns must match all of it.',
    ),
});

export type RedactionOptions = z.output<typeof redactionSchema>;
