import { z } from 'zod';
import { requestPayer, s3ConnectionShape } from '../../aws/connection.ts';
import { duration } from '../../options/duration.ts';
import { serviceUrl } from '../../options/service-url.ts';
import { parseTemplate } from './template.ts';

function isTemplate(text: string): boolean {
  try {
    parseTemplate(text);
    return true;
  } catch {
    return false;
  }
}

const start = z
  .union(
    [
      z.literal('beginning'),
      z.literal('now'),
      z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
    ],
    { error: 'expected beginning, now, or a time such as 2026-01-31T00:00:00Z' },
  )
  .describe(
    'Where a source without a checkpoint begins: `beginning`, `now`, or a time (RFC 3339); older objects are left out. Has no effect later.',
  );

export const s3SourceOptions = z.strictObject({
  type: z.literal('s3').default('s3').describe('Objects of an S3 bucket.'),
  ...s3ConnectionShape,
  bucket: z.string().min(1).describe('Name of the bucket.'),
  prefixes: z
    .array(
      z.string().refine(isTemplate, {
        error: 'expected a prefix such as detections/{{.Year}}/{{.Month}}/ with paired {{ and }}',
      }),
    )
    .min(1)
    .default([''])
    .describe(
      'Where the objects lie, each as typed into the StepSecurity console: plain, or a template such as `detections/{{.Year}}/{{.Month}}/{{.Day}}/`. Threat intelligence has a folder of its own. Default: the whole bucket.',
    ),
  request_payer: requestPayer,
  start,
  settle: duration('7d').describe(
    'How much later than its LastModified an object may appear (multipart uploads, replication).',
  ),
  full_list_every: duration('24h').describe(
    'How often folders older than the watermark are listed too. Only templates leave any out.',
  ),
  fetch_concurrency: z
    .int()
    .min(1)
    .max(1_000)
    .default(64)
    .describe('Small objects fetched at the same time.'),
  fetch_bytes: z
    .int()
    .min(1)
    .default(16 * 2 ** 20)
    .describe('Bytes of objects fetched ahead at most.'),
  queue_url: serviceUrl
    .optional()
    .describe(
      'URL of an SQS queue with notifications of the bucket (from S3, through SNS, or from EventBridge). `run` then reads what the messages name instead of listing, any number of runs may share the queue, and neither lease nor checkpoint is kept. A backfill lists all the same.',
    ),
  queue_wait: duration('20s')
    .refine((ms) => ms >= 1_000 && ms <= 20_000, { error: 'expected 1s to 20s' })
    .describe('How long a request to the queue waits for a message; a pass ends when none came.'),
  queue_visibility: duration('5m')
    .refine((ms) => ms >= 1_000 && ms <= 43_200_000, { error: 'expected 1s to 12h' })
    .describe(
      'How soon a message that a killed run had in hand comes again. Extended while its object is worked on.',
    ),
});
export type S3SourceOptions = z.output<typeof s3SourceOptions>;
