import * as z from 'zod';
import { DEFAULT_SCHEMA, SCHEMAS } from '../../contracts/schema.ts';

/** The options of the sink `ndjson`. */
export const ndjsonSchema = z.strictObject({
  type: z.literal('ndjson').default('ndjson').describe('Documents as lines of JSON.'),
  path: z
    .string()
    .min(1)
    .default('-')
    .describe(
      'A file; a folder (an existing one, or a path ending in /) with one file per kind; or - for standard output.',
    ),
  schema: z.enum(SCHEMAS).default(DEFAULT_SCHEMA).describe('The schema of the documents.'),
});

export type NdjsonOptions = z.output<typeof ndjsonSchema>;
