import * as z from 'zod';
import { requestPayer, s3ConnectionShape } from '../../aws/connection.ts';
import { bucketName } from '../../options/bucket.ts';
import { bytes, MIB } from '../../options/bytes.ts';
import { concurrency } from '../../options/concurrency.ts';
import { duration, durationIfGiven } from '../../options/duration.ts';
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
    'Where a source without a checkpoint starts: `beginning`, `now`, or a time (RFC 3339); older objects are left out. Has no effect later.',
  );

/** Shared by listing a bucket and by reading the objects named in a queue. */
export const bucketShape = {
  type: z.literal('s3').default('s3').describe('Objects of an S3 bucket.'),
  ...s3ConnectionShape,
  bucket: bucketName('prefixes').describe('Name of the bucket, or ARN of an access point.'),
  prefixes: z
    .array(
      z.string().refine(isTemplate, {
        error: 'expected a prefix such as detections/{{.Year}}/{{.Month}}/ with paired {{ and }}',
      }),
    )
    .min(1)
    .default([''])
    .describe(
      'Where the objects are, each as entered in the StepSecurity console: plain, or a template such as `detections/{{.Year}}/{{.Month}}/{{.Day}}/`. Threat intelligence has a folder of its own. Default: the whole bucket.',
    ),
  request_payer: requestPayer,
  allowed_lateness: duration('7d').describe(
    'How much later than its LastModified an object may appear (multipart uploads, replication).',
  ),
  fetch_concurrency: concurrency(64, 1_000).describe('Small objects fetched at the same time.'),
  fetch_bytes: bytes(16 * MIB, { min: 1 }).describe('Maximum bytes of objects fetched ahead.'),
};

export const FULL_LIST_EVERY_MS = 24 * 3_600_000;

/** Needed only for listing. */
export const listingShape = {
  start,
  full_list_interval: durationIfGiven('24h').describe(
    'How often folders older than the watermark are listed too. Only templates leave folders out.',
  ),
};

export const s3SourceOptions = z
  .strictObject({ ...bucketShape, ...listingShape })
  .transform(withListingDefaults);

/** Fills in defaults. */
export function withListingDefaults<T extends { readonly full_list_interval?: number | undefined }>(
  options: T,
) {
  return { ...options, full_list_interval: options.full_list_interval ?? FULL_LIST_EVERY_MS };
}

export type BucketOptions = z.output<z.ZodObject<typeof bucketShape>>;
export type S3SourceOptions = z.output<typeof s3SourceOptions>;
