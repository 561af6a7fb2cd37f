import * as z from 'zod';

export const fileSourceOptions = z.strictObject({
  type: z.literal('file').default('file').describe('A file, a folder, a glob, or standard input.'),
  path: z
    .string()
    .min(1)
    .describe(
      'What to read: a file, a folder (with everything below it), a glob such as exports/**/*.json, or - for standard input. Content as in S3: JSON, NDJSON, arrays, grouped documents; plain, gzip or zstd.',
    ),
});

export type FileSourceOptions = z.infer<typeof fileSourceOptions>;
