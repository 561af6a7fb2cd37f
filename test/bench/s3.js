import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { s3Client } from '../../dist/aws/client.js';
import { DEFAULT_RETRY } from '../../dist/retry.js';
import { s3Source } from '../../dist/sources/s3.js';
import { DEFAULT_LIMITS } from '../../dist/sources/source.js';
import { ndjson } from './generate.js';
import { loadReady } from './load-ready.js';
import { CLI, median, report, runMeasured, scratch } from './measure.js';

/** A bucket → Elasticsearch against a loader of ready-made bulk bodies; small objects against the SDK's own GETs. */
export async function benchS3(endpoint, elasticsearch) {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
  await intoElasticsearch(client, endpoint, elasticsearch, 'S3 → Elasticsearch, one machine for all', 60_000, 5);
  await apart(() => intoElasticsearch(client, endpoint, elasticsearch, 'S3 → Elasticsearch, a core for each', 120_000, 3));
  await smallObjects(client, endpoint);
}

/**
 * With the server on one core and all else on another, as with a server that has its own machine: on the same cores a
 * loader leaves nothing idle, and whatever else is done shows as if it made the server slower. ELASTICSEARCH_PID says
 * which process it is; without it this is left out.
 */
async function apart(bench) {
  const { ELASTICSEARCH_PID: pid } = process.env;
  if (pid === undefined || cpus().length < 2) return;
  const all = `0-${cpus().length - 1}`;
  const pin = (cores, process) => execFileSync('taskset', ['-acp', cores, String(process)], { stdio: 'ignore' });
  pin('0', pid);
  pin('1', process.pid);
  try {
    await bench();
  } finally {
    pin(all, pid);
    pin(all, process.pid);
  }
}

async function intoElasticsearch(client, endpoint, elasticsearch, title, count, rounds) {
  const bucket = await bucketOf(client);
  for (let part = 0; part < 12; part += 1) {
    const Body = ndjson(4, part * (count / 12), (part + 1) * (count / 12));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `detections/${part}.ndjson`, Body }));
  }
  const source = ['--s3', `s3://${bucket}/detections/`, '--endpoint', endpoint, '--region', 'us-east-1'];
  const ratios = [];
  const rates = [];
  const namespace = (round, who) => `bench_${process.pid}_${count}_${round}_${who}`;
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
  report(title, { 'detections per second': median(rates), 'of a loader of ready-made bodies': median(ratios) });
}

async function smallObjects(client, endpoint, objects = 3_000, rounds = 10) {
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
  const plain = () => seconds(sdkGets, endpoint, bucket);
  const ours = () => seconds(ourReads, endpoint, bucket, objects);
  await plain();
  await ours();
  for (let round = 0; round < rounds; round += 1) {
    // Alternating, and each first as often: what the machine does beside this hits both alike.
    const first = round % 2 === 0 ? await plain() : await ours();
    const second = round % 2 === 0 ? await ours() : await plain();
    const [theirs, own] = round % 2 === 0 ? [first, second] : [second, first];
    ratios.push(theirs / own);
    rates.push(objects / own);
  }
  report('small S3 objects', { 'objects per second': median(rates), "of the SDK's own GET rate": median(ratios) });
}

async function seconds(read, ...args) {
  const started = performance.now();
  await read(...args);
  return (performance.now() - started) / 1_000;
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
    batch: { maxBytes: 1.5 * 2 ** 20, maxRecords: 10_000 },
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

async function bucketOf(client) {
  const Bucket = `bench-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}
