import { z } from 'zod';

/** An ARN, of an access point say, may hold slashes; a name may not. */
const NAME = /^(?:arn:\S+|[^/:\s]+)$/;

/** Name of a bucket, or ARN of an access point. */
export const bucketName = z
  .string()
  .min(1)
  .regex(
    NAME,
    'expected the name alone, such as example-bucket: without s3:// and without a path, which is a prefix',
  );
