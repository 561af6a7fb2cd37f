import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ndjson } from './generate.js';
import { loadReady } from './load-ready.js';
import { CLI, median, report, runMeasured, scratch } from './measure.js';

/** A bucket → Elasticsearch against a loader of ready-made bulk bodies; small objects against the SDK's own GETs. */
export async function benchS3(endpoint, elasticsearch) {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
  await intoElasticsearch(client, endpoint, elasticsearch);
  await smallObjects(client, endpoint);
}

async function intoElasticsearch(client, endpoint, elasticsearch, count = 60_000, rounds = 5) {
  const bucket = await bucketOf(client);
  for (let part = 0; part < 12; part += 1) {
    const Body = ndjson(4, part * (count / 12), (part + 1) * (count / 12));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `detections/${part}.ndjson`, Body }));
  }
  const source = ['--s3', `s3://${bucket}/detections/`, '--endpoint', endpoint, '--region', 'us-east-1'];
  const ratios = [];
  const rates = [];
  const namespace = (round, who) => `bench_${process.pid}_${round}_${who}`;
  await runMeasured(CLI, ['setup', ...source, '--elasticsearch', elasticsearch]);
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    const args = ['backfill', ...source, '--state', scratch(), '--elasticsearch', elasticsearch, '--set', `sink.namespace=${namespace(round, 'ours')}`, '--set', 'log.level=warn'];
    const ours = await runMeasured(CLI, args);
    if (JSON.parse(ours.last).delivered !== count) throw new Error(ours.last);
    const oursSeconds = (performance.now() - started) / 1_000;
    const loader = await loadReady(elasticsearch, namespace(round, 'ready'), count, 4);
    ratios.push(loader / oursSeconds);
    rates.push(count / oursSeconds);
  }
  report('S3 → Elasticsearch', { 'detections per second': median(rates), 'of a loader of ready-made bodies': median(ratios) });
}

async function smallObjects(client, endpoint, objects = 10_000, rounds = 5) {
  const bucket = await bucketOf(client);
  for (let at = 0; at < objects; at += 64) {
    await Promise.all(
      Array.from({ length: Math.min(64, objects - at) }, (_, next) =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key: `detections/${at + next}`, Body: ndjson(5, at + next, at + next + 1) })),
      ),
    );
  }
  const ratios = [];
  const rates = [];
  for (let round = 0; round < rounds; round += 1) {
    const plain = await sdkGets(client, bucket, objects);
    const args = ['backfill', '--s3', `s3://${bucket}/`, '--endpoint', endpoint, '--region', 'us-east-1', '--state', scratch(), '--ndjson', '/dev/null', '--set', 'log.level=warn'];
    const ours = await runMeasured(CLI, args);
    ratios.push(plain / ours.wall);
    rates.push(objects / ours.wall);
  }
  report('small S3 objects', { 'objects per second': median(rates), "of the SDK's own GET rate": median(ratios) });
}

/** Seconds that the SDK alone takes to list and read all objects, 64 at once. */
async function sdkGets(client, bucket) {
  const started = performance.now();
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
  return (performance.now() - started) / 1_000;
}

async function bucketOf(client) {
  const Bucket = `bench-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}
