import * as z from 'zod';
import { caFile } from '../options/ca-file.ts';
import { requestTimeout } from '../options/request.ts';
import { serviceUrl } from '../options/service-url.ts';

/** Options every AWS client shares. Spread into a component's own `z.strictObject`. Imports no SDK: cheap to load. */
const connectionShape = {
  region: z
    .string()
    .min(1)
    .optional()
    .describe('AWS region. Default: AWS_REGION, else the profile of the AWS configuration file.'),
  endpoint: serviceUrl
    .optional()
    .describe(
      'URL of an S3-compatible server, or of a VPC endpoint: what AWS calls an endpoint URL. Default: AWS itself.',
    ),
  assume_role: z
    .strictObject({
      arn: z.string().min(1).describe('ARN of the role.'),
      external_id: z
        .string()
        .min(2)
        .optional()
        .describe('External ID that the role’s trust policy asks for.'),
      session_name: z
        .string()
        .regex(/^[\w+=,.@-]{2,64}$/)
        .default('stepsecurity-siem')
        .describe('Session name, as CloudTrail shows it.'),
    })
    .optional()
    .describe(
      'Role to assume with the default credentials. The STS endpoint can be set by AWS_ENDPOINT_URL_STS.',
    ),
  ca_file: caFile,
  request_timeout: requestTimeout,
};

/** `connectionShape` and what only S3 knows. */
export const s3ConnectionShape = {
  ...connectionShape,
  force_path_style: z
    .boolean()
    .default(false)
    .describe(
      'Address as https://host/bucket instead of https://bucket.host; most S3-compatible servers need it.',
    ),
};

/** For a source bucket whose owner lets the reader pay. */
export const requestPayer = z
  .literal('requester')
  .optional()
  .describe('Confirms that we pay for requests to a requester-pays bucket.');

export type Connection = z.output<z.ZodObject<typeof connectionShape>>;
export type S3Connection = z.output<z.ZodObject<typeof s3ConnectionShape>>;

/** What a connection says about *which* service is meant, for `Component.identify`: no credentials, no transport. */
export function identifyConnection(connection: Connection): string {
  return connection.endpoint === undefined ? 'aws' : new URL(connection.endpoint).origin;
}
