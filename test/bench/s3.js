import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { s3Client } from '../../dist/aws/client.js';
import { DEFAULT_RETRY } from '../../dist/retry.js';
import { s3Source } from '../../dist/sources/s3.js';
import { DEFAULT_LIMITS } from '../../dist/sources/source.js';
import { bucketOf, clientOf } from './bucket.js';
import { ndjson } from './generate.js';
import { alternate, report, timed } from './measure.js';

/** Small objects: our source against the SDK's own GETs. */
export async function benchS3(endpoint, objects = 3_000, rounds = 10) {
  const client = clientOf(endpoint);
  const bucket = await bucketOf(client);
  for (let at = 0; at < objects; at += 64) {
    await Promise.all(
      Array.from({ length: Math.min(64, objects - at) }, (_, next) =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key: `detections/${at + next}`, Body: ndjson(5, at + next, at + next + 1) })),
      ),
    );
  }
  const plain = () => timed(() => sdkGets(endpoint, bucket));
  const ours = () => timed(() => ourReads(endpoint, bucket, objects));
  await plain();
  await ours();
  const { seconds, share } = await alternate(ours, plain, rounds);
  report('small S3 objects', { 'objects per second': objects / seconds, "of the SDK's own GET rate": share });
}

/** The SDK alone, made as we make it: lists and reads all objects, 64 at once. */
async function sdkGets(endpoint, bucket) {
  const client = s3Client({ endpoint, region: 'us-east-1', force_path_style: true });
  const keys = [];
  for (let token; ; ) {
    const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }));
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
    token = page.NextContinuationToken;
    if (token === undefined) break;
  }
  const worker = async () => {
    for (let Key = keys.pop(); Key !== undefined; Key = keys.pop()) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      await Body.transformToByteArray();
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  client.destroy();
}

/** Our source alone: the same objects as framed records, without decoding or a sink. */
async function ourReads(endpoint, bucket, objects) {
  const options = s3Source.schema.parse({ type: 's3', bucket, endpoint, region: 'us-east-1', force_path_style: true, start: 'beginning' });
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
    batch.ack();
  }
  await source.close();
  if (records !== objects) throw new Error(`${records} of ${objects} were read`);
}
