import * as z from 'zod';
import { caFile } from '../options/ca-file.ts';
import { requestTimeout } from '../options/request.ts';
import { serviceUrl } from '../options/service-url.ts';

/**
 * Options common to all AWS clients. Spread into a component's own `z.strictObject`. Imports no SDK: cheap to load.
 */
const connectionShape = {
  region: z
    .string()
    .min(1)
    .optional()
    .describe('AWS region. Default: AWS_REGION, or the profile in the AWS configuration file.'),
  endpoint: serviceUrl
    .optional()
    .describe(
      'URL of an S3-compatible server or a VPC endpoint (AWS calls it an endpoint URL). Default: AWS itself.',
    ),
  assume_role: z
    .strictObject({
      arn: z.string().min(1).describe('ARN of the role.'),
      external_id: z
        .string()
        .min(2)
        .optional()
        .describe('External ID that the role’s trust policy requires.'),
      session_name: z
        .string()
        .regex(/^[\w+=,.@-]{2,64}$/)
        .default('stepsecurity-siem')
        .describe('Session name, shown in CloudTrail.'),
    })
    .optional()
    .describe('Role to assume with the default credentials. AWS_ENDPOINT_URL_STS sets the STS endpoint.'),
  ca_file: caFile,
  request_timeout: requestTimeout,
};

/** `connectionShape`, plus the options that only S3 has. */
export const s3ConnectionShape = {
  ...connectionShape,
  force_path_style: z
    .boolean()
    .default(false)
    .describe(
      'Use https://host/bucket instead of https://bucket.host; most S3-compatible servers need this.',
    ),
};

/** For a source bucket whose owner makes the reader pay. */
export const requestPayer = z
  .literal('requester')
  .optional()
  .describe('Confirm that you pay for requests to a requester-pays bucket.');

export type Connection = z.output<z.ZodObject<typeof connectionShape>>;
export type S3Connection = z.output<z.ZodObject<typeof s3ConnectionShape>>;

/** Which service a connection refers to, for `Component.identify`: no credentials, no transport. */
export function identifyConnection(connection: Connection): string {
  return connection.endpoint === undefined ? 'aws' : new URL(connection.endpoint).origin;
}
