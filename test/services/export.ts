import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { detection, randomOf } from '../bench/generate.ts';
import { uidOfPayload } from '../uid.ts';

export function s3At(endpoint: string): S3Client {
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 3 });
}

export async function freshBucket(client: S3Client, prefix: string): Promise<string> {
  const bucket = `${prefix}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}

/** How many detections an exported bucket holds, and their ids. */
export interface Exported {
  readonly uids: ReadonlySet<string>;
}

/**
 * Puts an export into a bucket: one to six detections per object, as single documents, NDJSON, arrays, groups and gzip,
 * in monthly folders.
 */
export async function exportTo(
  client: S3Client,
  bucket: string,
  objects: number,
  seed = 1,
): Promise<Exported> {
  const random = randomOf(seed);
  const uids = new Set<string>();
  let number = 0;
  const puts: (() => Promise<unknown>)[] = [];
  for (let at = 0; at < objects; at += 1) {
    const some = Array.from({ length: 1 + Math.floor(random() * 6) }, () => detection(seed, number++));
    for (const one of some) uids.add(uidOfPayload(one));
    const month = String(1 + Math.floor(random() * 3)).padStart(2, '0');
    const Key = `detections/2026/${month}/${Math.floor(random() * 1e9).toString(36)}-${at}`;
    puts.push(() => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: bodyOf(some, at % 5) })));
  }
  for (let at = 0; at < puts.length; at += 32) await Promise.all(puts.slice(at, at + 32).map((put) => put()));
  return { uids };
}

function bodyOf(some: readonly object[], form: number): string | Buffer {
  const lines = some.map((one) => JSON.stringify(one));
  if (form === 0) return `${lines.join('\n')}\n`;
  if (form === 1) return JSON.stringify(some, null, 2);
  if (form === 2) return lines.join('');
  if (form === 3) return gzipSync(`${lines.join('\n')}\n`);
  return JSON.stringify({ id: 'group', name: 'run', customer: 'acme', data: some });
}
