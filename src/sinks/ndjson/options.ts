import { z } from 'zod';
import { DEFAULT_SCHEMA, SCHEMAS } from '../../contracts/schema.ts';

/** The options of the sink `ndjson`. */
export const ndjsonSchema = z.strictObject({
  type: z.literal('ndjson').default('ndjson').describe('Documents as lines of JSON.'),
  path: z
    .string()
    .min(1)
    .default('-')
    .describe(
      'A file; a folder (it exists, or ends with /) that gets one file per kind; or - for standard output.',
    ),
  schema: z.enum(SCHEMAS).default(DEFAULT_SCHEMA).describe('The words of the documents.'),
});

export type NdjsonOptions = z.output<typeof ndjsonSchema>;
