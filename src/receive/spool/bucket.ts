import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createS3Client } from '../../aws/client.ts';
import { awsError, classify } from '../../aws/errors.ts';
import type { SpoolPlace } from '../../config/spool.ts';
import type { Context, RetryPolicy } from '../../contracts/component.ts';
import { retry } from '../../io/retry.ts';
import { timed } from '../../io/timed.ts';
import { parseTemplate } from '../../sources/s3/template.ts';
import { keyPrefix } from './key.ts';
import { createNames } from './names.ts';
import type { Kind, Spool } from './spool.ts';

/** The sender is waiting: a short hiccup is waited out, an outage is not. */
const PATIENCE: RetryPolicy = { initialMs: 100, maxMs: 1_000, maxElapsedMs: 5_000 };

/** For the answer to one PUT, which may carry a group of 16 MiB; a source may be more patient. */
const ANSWER_MS = 10_000;

/**
 * A prefix of a bucket, shared by any number of receivers: one object per group, under a unique key. The PUT is
 * conditional, so that a key can never be overwritten.
 */
export function openBucket({ source, prefix }: Extract<SpoolPlace, { type: 's3' }>, context: Context): Spool {
  const { bucket: Bucket } = source;
  const client = createS3Client(
    { ...source, request_timeout: Math.min(source.request_timeout, ANSWER_MS) },
    { signal: context.abort },
  );
  const nameOf = createNames();
  const payer = source.request_payer !== undefined && { RequestPayer: source.request_payer };
  const { root } = parseTemplate(prefix);
  // Reports a prefix that cannot be filled in before the first request.
  keyPrefix(prefix, new Date());

  const call = async (what: string, send: (tries: number) => Promise<void>): Promise<void> =>
    retry(
      async (tries) => {
        try {
          await timed(context.meter, 's3_put', () => send(tries));
        } catch (error) {
          throw awsError(error, what);
        }
      },
      { policy: PATIENCE, signal: context.abort, what, meter: context.meter },
    );

  const store = async (content: Buffer, kind: Kind): Promise<void> => {
    const now = new Date();
    const Key = `${keyPrefix(prefix, now)}${nameOf(kind, now)}`;
    const put = new PutObjectCommand({ Bucket, Key, Body: content, IfNoneMatch: '*', ...payer });
    await call(`put s3://${Bucket}/${Key}`, async (tries) => {
      try {
        await client.send(put, { abortSignal: context.abort });
      } catch (error) {
        // Keys are unique: an existing object comes from an earlier try whose answer was lost.
        if (tries > 1 && classify(error).kind === 'changed') return;
        throw error;
      }
    });
  };

  return {
    name: `s3://${Bucket}/${prefix}`,
    parallel: 4,
    store,
    // An empty object contains no detection: the source skips it.
    probe: () =>
      call(`put s3://${Bucket}/${root}@probe`, async () => {
        const put = new PutObjectCommand({ Bucket, Key: `${root}@probe`, Body: Buffer.alloc(0), ...payer });
        await client.send(put, { abortSignal: context.abort });
      }),
    close: () => client.destroy(),
  };
}
