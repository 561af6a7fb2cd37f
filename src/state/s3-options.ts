import * as z from 'zod';
import { s3ConnectionShape } from '../aws/connection.ts';
import { bucketName } from '../options/bucket.ts';

/** Separate from the store, so that reading a configuration does not load the SDK. */
export const s3StateSchema = z.strictObject({
  type: z.literal('s3').describe('State in a bucket. The server must honor If-Match and If-None-Match.'),
  bucket: bucketName('prefix').describe('Bucket for the state; need not be the one that is read.'),
  prefix: z
    .string()
    .regex(/^[^/].*$/)
    .transform((prefix) => prefix.replace(/\/+$/, ''))
    .default('stepsecurity-siem')
    .describe('Everything is written under `<prefix>/`.'),
  ...s3ConnectionShape,
});

export type S3StateOptions = z.output<typeof s3StateSchema>;
