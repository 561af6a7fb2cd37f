import { GetObjectCommand } from '@aws-sdk/client-s3';
import { createS3Client } from '../../src/aws/client.ts';
import { DEFAULT_LIMITS } from '../../src/contracts/source.ts';
import { DEFAULT_RETRY } from '../../src/io/retry.ts';
import { s3Source } from '../../src/sources/s3/index.ts';
import { bucketOf, clientOf, fillSmall, getAll } from './bucket.ts';
import { alternate, report, timed } from './measure.ts';

/** Small objects: our source compared with the SDK's own GETs. */
export async function benchS3(endpoint: string, objects = 3_000, rounds = 10): Promise<void> {
  const client = clientOf(endpoint);
  const bucket = await bucketOf(client);
  await fillSmall(client, bucket, objects);
  const plain = () => timed(() => sdkGets(endpoint, bucket));
  const ours = () => timed(() => ourReads(endpoint, bucket, objects));
  await plain();
  await ours();
  const { seconds, share } = await alternate(ours, plain, rounds);
  report('small S3 objects', { 'objects per second': objects / seconds, "of the SDK's own GET rate": share });
}

const optionsOf = (endpoint: string, bucket: string) =>
  s3Source.schema.parse({
    type: 's3',
    bucket,
    endpoint,
    region: 'us-east-1',
    force_path_style: true,
    start: 'beginning',
  });

/** The SDK alone, configured like ours: lists and reads all objects, 64 at a time. */
async function sdkGets(endpoint: string, bucket: string): Promise<void> {
  const client = createS3Client(optionsOf(endpoint, bucket));
  await getAll(client, bucket, async (Key) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return (await Body?.transformToByteArray())?.length ?? 0;
  });
  client.destroy();
}

/** Our source alone: the same objects as framed records, without decoding or a sink. */
async function ourReads(endpoint: string, bucket: string, objects: number): Promise<void> {
  const options = optionsOf(endpoint, bucket);
  const source = await s3Source.create(options, {
    log: { debug() {}, info() {}, warn: console.error, error: console.error },
    meter: { add() {} },
    retry: DEFAULT_RETRY,
    abort: new AbortController().signal,
    part: async () => undefined,
    backfill: {},
    batch: { maxBytes: 2 ** 20, maxRecords: 10_000 },
    limits: DEFAULT_LIMITS,
  });
  let records = 0;
  for await (const batch of source.read(new AbortController().signal)) {
    records += batch.records.length;
    await batch.ack();
  }
  await source.close?.();
  if (records !== objects) throw new Error(`${records} of ${objects} were read`);
}
