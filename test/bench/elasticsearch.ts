import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { bucketOf, clientOf } from './bucket.ts';
import { ndjson } from './generate.ts';
import { loadReady, readyBodies } from './load-ready.ts';
import { alternate, CLI, report, runMeasured, scratch, timed } from './measure.ts';

const COUNT = 120_000;
const ROUNDS = 5;
const CONCURRENCY = 4;

/** From a bucket to Elasticsearch, compared with a loader of ready-made bulk bodies on the same server. */
export async function benchElasticsearch(endpoint: string, url: string): Promise<void> {
  const client = clientOf(endpoint);
  const bucket = await bucketOf(client);
  for (let part = 0; part < 12; part += 1) {
    const Body = ndjson(4, part * (COUNT / 12), (part + 1) * (COUNT / 12));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `detections/${part}.ndjson`, Body }));
  }
  const source = ['--s3', `s3://${bucket}/detections/`, '--endpoint', endpoint, '--region', 'us-east-1'];
  await runMeasured(CLI, ['setup', ...source, '--elasticsearch', url]);
  const namespace = `bench_${process.pid}`;
  const loads = { url, namespace, source, bodies: await readyBodies(namespace, COUNT) };
  await apart(() => compare('S3 → Elasticsearch, a core for the server', loads));
  await compare('S3 → Elasticsearch, all on the same cores', loads);
}

/**
 * Puts the server on one core and everything else on another, like a server on its own machine: on shared cores a
 * loader leaves nothing idle, so any other work seems to slow the server down. ELASTICSEARCH_PID names the process;
 * without it this benchmark is skipped.
 */
async function apart(bench: () => Promise<void>): Promise<void> {
  const { ELASTICSEARCH_PID: pid } = process.env;
  if (pid === undefined || cpus().length < 2) return;
  const all = `0-${cpus().length - 1}`;
  const pin = (cores: string, which: string | number): void =>
    void execFileSync('taskset', ['-acp', cores, String(which)], { stdio: 'ignore' });
  pin('0', pid);
  pin('1', process.pid);
  try {
    await bench();
  } finally {
    pin(all, pid);
    pin(all, process.pid);
  }
}

interface Loads {
  readonly url: string;
  readonly namespace: string;
  readonly source: readonly string[];
  readonly bodies: readonly Buffer[];
}

async function compare(title: string, { url, namespace, source, bodies }: Loads): Promise<void> {
  const load = (send: () => Promise<void>) => async (): Promise<number> => {
    await empty(url, namespace);
    return timed(send);
  };
  const ours = load(async () => {
    const stream = ['--elasticsearch', url, '--set', `sink.namespace=${namespace}`];
    const run = await runMeasured(CLI, [
      'backfill',
      ...source,
      '--state',
      scratch(),
      ...stream,
      '--set',
      'log.level=warn',
    ]);
    if ((JSON.parse(run.last) as { delivered: number }).delivered !== COUNT) throw new Error(run.last);
  });
  const loader = load(() => loadReady(url, namespace, bodies, CONCURRENCY));

  // Not measured, so that neither side is the first to meet a server that has not compiled anything yet.
  await loader();
  const { seconds, share } = await alternate(ours, loader, ROUNDS);
  report(title, { 'detections per second': COUNT / seconds, 'of a loader of ready-made bodies': share });
}

/** Gives each load a new stream, and a server that is otherwise idle. */
async function empty(url: string, namespace: string): Promise<void> {
  await fetch(`${url}/_data_stream/logs-stepsecurity.*-${namespace}`, { method: 'DELETE' });
  await idle(url);
}

interface NodesStats {
  readonly nodes: Readonly<
    Record<string, { readonly process: { readonly cpu: { readonly total_in_millis: number } } }>
  >;
}

/** Waits until the server has finished the work of the load before: its merges would count against the next. */
async function idle(url: string): Promise<void> {
  const used = async (): Promise<number> => {
    const { nodes } = (await (await fetch(`${url}/_nodes/stats/process`)).json()) as NodesStats;
    return Object.values(nodes).reduce((sum, node) => sum + node.process.cpu.total_in_millis, 0);
  };
  for (let before = await used(), quiet = 0; quiet < 3; ) {
    await sleep(1_000);
    const now = await used();
    quiet = now - before < 100 ? quiet + 1 : 0;
    before = now;
  }
}
