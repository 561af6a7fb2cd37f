import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

export function clientOf(endpoint: string): S3Client {
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
}

/** A new bucket for one benchmark. */
export async function bucketOf(client: S3Client): Promise<string> {
  const Bucket = `bench-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}
