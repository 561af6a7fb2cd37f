import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { createS3Client } from '../aws/client.ts';
import { awsError, classify } from '../aws/errors.ts';
import type { Context } from '../contracts/component.ts';
import { UnavailableError } from '../contracts/errors.ts';
import { BrokenListError, followPages } from '../io/paging.ts';
import { retry } from '../io/retry.ts';
import { checkName } from './names.ts';
import type { S3StateOptions } from './s3-options.ts';
import { ConflictError, type Store, type Stored } from './store.ts';

/**
 * Blobs as objects; the version is the ETag. Conditional writes (`If-Match`, `If-None-Match: *`) provide the fencing.
 * S3 and good S3-compatible servers honor them, and `check` verifies it. Bodies are Buffers, never streams: their
 * length is known, and a retry sends the same bytes.
 */
export function createS3Store(options: S3StateOptions, context: Context): Store {
  const client = createS3Client(options, { signal: context.abort });
  const { bucket: Bucket, prefix } = options;
  const uri = `s3://${Bucket}/${prefix}`;
  const abortSignal = context.abort;

  const call = async <T>(verb: string, name: string, action: (Key: string) => Promise<T>): Promise<T> => {
    if (verb !== 'list') checkName(name);
    const what = `${verb} ${uri}/${name}`;
    return retry(
      async () => {
        try {
          return await action(`${prefix}/${name}`);
        } catch (error) {
          throw awsError(error, what);
        }
      },
      { policy: context.retry, signal: abortSignal, what, log: context.log, meter: context.meter },
    );
  };

  const read = async (Key: string): Promise<Stored | undefined> => {
    try {
      const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal });
      const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
      return { bytes, version: ETag ?? '' };
    } catch (error) {
      if (classify(error).kind === 'gone') return undefined;
      throw error;
    }
  };

  const condition = (expect: string | null | undefined) => {
    if (expect === undefined) return {};
    return expect === null ? { IfNoneMatch: '*' } : { IfMatch: expect };
  };

  return {
    name: uri,
    get: (name) => call('get', name, read),
    put: (name, bytes, expect) => {
      // An earlier try may have succeeded although its reply was lost; then our own write breaks the expectation.
      let uncertain = false;
      return call('put', name, async (Key) => {
        try {
          const command = new PutObjectCommand({ Bucket, Key, Body: bytes, ...condition(expect) });
          return (await client.send(command, { abortSignal })).ETag ?? '';
        } catch (error) {
          const { kind } = classify(error);
          if (kind === 'retryable') uncertain = true;
          const broken = expect !== undefined && (kind === 'changed' || kind === 'gone');
          if (!broken) throw error;
          if (uncertain) {
            const found = await read(Key);
            if (found?.bytes.equals(bytes)) return found.version;
          }
          throw new ConflictError(`${uri}/${name} was written by another process`, { cause: error });
        }
      });
    },
    remove: (name) =>
      call('delete', name, async (Key) => {
        try {
          await client.send(new DeleteObjectCommand({ Bucket, Key }), { abortSignal });
        } catch (error) {
          if (classify(error).kind !== 'gone') throw error;
        }
      }),
    async *list(below) {
      const follow = followPages();
      let token: string | undefined;
      do {
        const page = await call('list', below, (Prefix) =>
          client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken: token }), {
            abortSignal,
          }),
        );
        const names = (page.Contents ?? []).flatMap(({ Key }) => (Key ? [Key.slice(prefix.length + 1)] : []));
        yield* names;
        const { IsTruncated: more, NextContinuationToken } = page;
        try {
          token = follow({
            more,
            token: NextContinuationToken,
            items: names.length,
            content: names.join('\0'),
          });
        } catch (error) {
          if (!(error instanceof BrokenListError)) throw error;
          const what = `list ${uri}/${below}: the server does not give the whole list: ${error.message}`;
          throw new UnavailableError(what, { cause: error });
        }
      } while (token !== undefined);
    },
    age: (name) =>
      call('head', name, async (Key) => {
        const command = new HeadObjectCommand({ Bucket, Key });
        let date: string | undefined;
        command.middlewareStack.add(
          (next) => async (args) => {
            const result = await next(args);
            date = (result.response as { headers: Record<string, string> }).headers['date'];
            return result;
          },
          { step: 'deserialize' },
        );
        try {
          const { LastModified } = await client.send(command, { abortSignal });
          const now = Date.parse(date ?? '');
          // The age is unknown without both; report zero, so that no one takes over a lease by mistake.
          if (LastModified === undefined || Number.isNaN(now)) return 0;
          return Math.max(0, now - LastModified.getTime());
        } catch (error) {
          if (classify(error).kind === 'gone') return undefined;
          throw error;
        }
      }),
  };
}
