import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { awsError, classify } from '../../aws/errors.ts';
import type { SourceContext } from '../../contracts/source.ts';
import type { Origin, SourceRecord, Successor } from '../../contracts/types.ts';
import { retry } from '../../io/retry.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { readRange as readRecordsAgain } from '../../objects/read-range.ts';
import { printable } from '../../text/printable.ts';
import type { Bucket } from './bucket.ts';
import { s3Open } from './open.ts';
import { isVersion, refOf } from './version.ts';

/**
 * Records of an object, read again. None if the object is gone, has another version, may not be read, or is not in
 * this bucket.
 */
export async function* fetchRange(
  bucket: Bucket,
  context: Pick<SourceContext, 'batch' | 'limits'>,
  origin: Origin,
  from: number,
  to: number,
): AsyncGenerator<SourceRecord, void, undefined> {
  const root = `s3://${bucket.name}/`;
  if (!origin.uri.startsWith(root)) return;
  const ref = await look(bucket, origin.uri.slice(root.length), origin);
  if (ref === undefined) return;
  const { abort, log, meter, retry: policy } = bucket.context;
  yield* readRecordsAgain(ref, from, to, {
    source: 's3',
    open: s3Open(bucket),
    stop: abort,
    abort,
    log,
    meter,
    retry: policy,
    batch: context.batch,
    limits: context.limits,
  });
}

/** What is now at the key of an origin; `isSettled` says whether a run has read it to its end. */
export async function successorOf(
  bucket: Bucket,
  origin: Origin,
  isSettled: (ref: ObjectRef) => boolean,
): Promise<Successor> {
  const root = `s3://${bucket.name}/`;
  if (!origin.uri.startsWith(root)) return { is: 'gone' };
  const { source, uri } = origin;
  const key = uri.slice(root.length);
  if ((await look(bucket, key, origin)) !== undefined) return { is: 'unchanged' };
  const now = await look(bucket, key, { source, uri });
  if (now === undefined) return { is: 'gone' };
  return { is: 'replaced', by: { source, uri, version: now.version }, settled: isSettled(now) };
}

/** Finds the object as it was, or as it is if no version is given; undefined if it has changed. */
export async function look(
  bucket: Bucket,
  key: string,
  { uri, version }: Origin,
): Promise<ObjectRef | undefined> {
  const { client, name, requestPayer, context } = bucket;
  const what = `head ${printable(uri)}`;
  const attempt = async (): Promise<ObjectRef | undefined> => {
    context.meter.add('s3_head');
    try {
      const reply = await client.send(
        new HeadObjectCommand({
          Bucket: name,
          Key: key,
          ...(requestPayer !== undefined && { RequestPayer: requestPayer }),
        }),
        { abortSignal: context.abort },
      );
      const found = refOf(uri, key, { ...reply, Size: reply.ContentLength }, 0);
      if (version === undefined) return found;
      // Compared here: not every server compares correctly, and a weak ETag never matches.
      return isVersion({ ...found, version }, { ...reply, total: reply.ContentLength })
        ? { ...found, version }
        : undefined;
    } catch (error) {
      const { kind } = classify(error);
      if (kind === 'gone' || kind === 'changed' || kind === 'denied' || kind === 'archived') return undefined;
      throw awsError(error, what);
    }
  };
  const { retry: policy, abort: signal, log, meter } = context;
  return retry(attempt, { policy, signal, what, log, meter });
}
