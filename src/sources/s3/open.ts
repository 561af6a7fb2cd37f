import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ConfigError, RetryableError } from '../../errors.ts';
import type { OpenObject } from '../objects/object.ts';
import type { Bucket } from './bucket.ts';
import { objectErrors } from './object-errors.ts';

type Send = ReturnType<GetObjectCommand['resolveMiddleware']>;

/**
 * Opens objects of a bucket, for one run: one GET each, of exactly the version listed. Throws `RetryableError` for what
 * passes; whoever reads the body (`readBody`) tries again, and opens one that breaks off where it broke.
 */
export function s3Open(bucket: Bucket): OpenObject {
  const { client, name, requestPayer, context } = bucket;
  const errors = objectErrors();
  let resolved: { readonly signal: AbortSignal; readonly send: Send } | undefined;
  /** The SDK puts its stack of middleware together for each command; all ours are alike but for their input. */
  const sendUntil = (signal: AbortSignal): Send => {
    if (resolved?.signal !== signal) {
      const any = new GetObjectCommand({ Bucket: name, Key: '' });
      const send = any.resolveMiddleware(client.middlewareStack, client.config, { abortSignal: signal });
      resolved = { signal, send };
    }
    return resolved.send;
  };
  return async (ref, start, signal) => {
    const input = {
      Bucket: name,
      Key: ref.key,
      ...(ref.version !== '' && { IfMatch: `"${ref.version}"` }),
      ...(start > 0 && { Range: `bytes=${start}-` }),
      ...(requestPayer !== undefined && { RequestPayer: requestPayer }),
    };
    context.meter.add('s3_get');
    const { output } = await sendUntil(signal)({ input }).catch((error: unknown) => {
      throw errors.explain(error, ref);
    });
    const { Body, ContentRange } = output;
    if (!(Body instanceof Readable)) throw new RetryableError(`get ${ref.uri}: no body`);
    if (start > 0 && !ContentRange?.startsWith(`bytes ${start}-`)) {
      Body.destroy();
      throw new ConfigError(`get ${ref.uri}: the server does not honour Range`);
    }
    errors.succeeded();
    return Body;
  };
}
