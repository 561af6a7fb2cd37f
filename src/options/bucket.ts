import * as z from 'zod';

/** An ARN, for example of an access point, may contain slashes; a name may not. */
const NAME = /^(?:arn:\S+|[^/:\s]+)$/;

/** Name of a bucket, or ARN of an access point. `paths` is the option next to it for what comes after the name. */
export const bucketName = (paths: 'prefix' | 'prefixes') =>
  z
    .string()
    .min(1)
    .regex(
      NAME,
      `expected the bucket name alone, such as example-bucket: no s3:// and no path (that goes into ${paths})`,
    );
