import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { awsError, classify } from '../../aws/errors.ts';
import type { Context } from '../../contracts/component.ts';
import { ConfigError } from '../../contracts/errors.ts';
import { retry } from '../../io/retry.ts';
import { timed } from '../../io/timed.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { printable } from '../../text/printable.ts';
import { keyDecoder } from './keys.ts';
import { readDate } from './server-date.ts';
import { refOf } from './version.ts';
import type { Page, PageRequest } from './walk.ts';

/** A bucket and how to reach it, shared by listing and reading. */
export interface Bucket {
  readonly client: S3Client;
  readonly name: string;
  readonly requestPayer: 'requester' | undefined;
  readonly context: Context;
}

/** A page, and S3's clock when it was created. */
export interface DatedPage extends Page {
  readonly date: number;
}

/**
 * One request of a listing, retried while S3 is unavailable. Throws `ConfigError` for anything the operator must
 * fix: a refusal, a missing bucket, the wrong region.
 */
export async function listPage(
  bucket: Bucket,
  request: PageRequest,
  signal: AbortSignal,
  maxKeys = 1_000,
): Promise<DatedPage> {
  const { client, name, requestPayer, context } = bucket;
  const what = `list s3://${name}/${printable(request.prefix)}`;
  const attempt = async (): Promise<DatedPage> => {
    const command = new ListObjectsV2Command({
      Bucket: name,
      Prefix: request.prefix,
      MaxKeys: maxKeys,
      // Keys may contain characters that XML cannot represent, such as a carriage return.
      EncodingType: 'url',
      ...(request.folders && { Delimiter: '/' }),
      ...(request.token !== undefined && { ContinuationToken: request.token }),
      ...(requestPayer !== undefined && { RequestPayer: requestPayer }),
    });
    let date: number | undefined;
    readDate(command, (seen) => {
      date = seen;
    });
    const list = () => client.send(command, { abortSignal: signal });
    const reply = await timed(context.meter, 's3_list', list).catch((error: unknown) => {
      throw listError(error, what);
    });
    if (date === undefined)
      throw new ConfigError(`${what}: the reply has no Date header, and no other clock can replace it`);
    const plain = keyDecoder(reply.EncodingType);
    const objects: ObjectRef[] = [];
    let unnamed = 0;
    for (const entry of reply.Contents ?? []) {
      const key = plain(entry.Key);
      if (key === undefined) unnamed += 1;
      else objects.push(refOf(`s3://${name}/${key}`, key, entry, date));
    }
    const folders: string[] = [];
    for (const { Prefix } of reply.CommonPrefixes ?? []) {
      const folder = plain(Prefix);
      if (folder === undefined) unnamed += 1;
      else folders.push(folder);
    }
    const { IsTruncated: truncated, NextContinuationToken: token } = reply;
    // A token with "not truncated" is a contradiction: continuing costs one request, and nothing listed is missed.
    return { objects, folders, unnamed, more: truncated === false && token ? true : truncated, token, date };
  };
  const { retry: policy, log, meter } = context;
  return retry(attempt, { policy, signal, what, log, meter });
}

function listError(error: unknown, what: string): unknown {
  const { kind, reason } = classify(error);
  if (kind === 'denied') {
    return new ConfigError(`${what}: ${reason}; allow s3:ListBucket on the bucket`, { cause: error });
  }
  if (kind === 'gone')
    return new ConfigError(`${what}: ${reason}; correct bucket or endpoint`, { cause: error });
  return awsError(error, what);
}
