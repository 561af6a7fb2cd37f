import {
  CreateBucketCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ndjson } from './generate.ts';

const AT_ONCE = 64;

export function clientOf(endpoint: string): S3Client {
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
}

/** A bucket of its own for one benchmark. */
export async function bucketOf(client: S3Client): Promise<string> {
  const Bucket = `bench-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

/** Objects of one detection each. */
export async function fillSmall(client: S3Client, bucket: string, objects: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < objects; at = next++) {
      const Key = `detections/${at}`;
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: ndjson(5, at, at + 1) }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Lists a bucket and gets all that is in it, 64 at a time. Gives how many bytes came. */
export async function getAll(
  client: S3Client,
  bucket: string,
  get: (key: string) => Promise<number>,
): Promise<number> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }),
    );
    keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  let bytes = 0;
  const worker = async (): Promise<void> => {
    for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
      const got = await get(key);
      bytes += got;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return bytes;
}
