import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ConfigError, RetryableError } from '../../errors.ts';
import type { OpenObject } from '../objects/object.ts';
import type { Bucket } from './bucket.ts';
import { objectErrors } from './object-errors.ts';

/**
 * Opens objects of a bucket, for one run: one GET each, of exactly the version listed. Throws `RetryableError` for what
 * passes; whoever reads the body (`readBody`) tries again, and opens one that breaks off where it broke.
 */
export function s3Open(bucket: Bucket): OpenObject {
  const { client, name, requestPayer, context } = bucket;
  const errors = objectErrors();
  return async (ref, start, signal) => {
    const command = new GetObjectCommand({
      Bucket: name,
      Key: ref.key,
      ...(ref.version !== '' && { IfMatch: `"${ref.version}"` }),
      ...(start > 0 && { Range: `bytes=${start}-` }),
      ...(requestPayer !== undefined && { RequestPayer: requestPayer }),
    });
    context.meter.add('s3_get');
    const { Body, ContentRange } = await client
      .send(command, { abortSignal: signal })
      .catch((error: unknown) => {
        throw errors.explain(error, ref);
      });
    if (!(Body instanceof Readable)) throw new RetryableError(`get ${ref.uri}: no body`);
    if (start > 0 && !ContentRange?.startsWith(`bytes ${start}-`)) {
      Body.destroy();
      throw new ConfigError(`get ${ref.uri}: the server does not honour Range`);
    }
    errors.succeeded();
    return Body;
  };
}
