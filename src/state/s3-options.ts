import { z } from 'zod';
import { s3ConnectionShape } from '../aws/connection.ts';
import { bucketName } from '../options/bucket.ts';

/** Apart from the store, so that reading a configuration does not load the SDK. */
export const s3StateSchema = z.strictObject({
  type: z.literal('s3').describe('State in a bucket. The server must honour If-Match and If-None-Match.'),
  bucket: bucketName.describe('Bucket of the state; not necessarily the one that is read.'),
  prefix: z
    .string()
    .regex(/^[^/].*$/)
    .transform((prefix) => prefix.replace(/\/+$/, ''))
    .default('stepsecurity-siem')
    .describe('Everything is written below `<prefix>/`.'),
  ...s3ConnectionShape,
});

export type S3StateOptions = z.output<typeof s3StateSchema>;
