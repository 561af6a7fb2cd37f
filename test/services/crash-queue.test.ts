import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { cluster, freshNamespace, uidsIn } from './elasticsearch.ts';
import { exportTo, freshBucket, s3At } from './export.ts';
import { type Ended, ledgerOf, runCli } from './process.ts';
import { eventsOf, sqsAt } from './queue.ts';
import { describeWith, need } from './require.ts';

const REPLICAS = 2;
const KILLS_EACH = 6;
const OBJECTS = 1_600;
const VISIBILITY_S = 4;

describeWith(['ELASTICSEARCH_URL', 'SQS_ENDPOINT'], 'replicas on one queue, killed at random moments', () => {
  test('have every detection in the data stream once, and leave the queue empty', async () => {
    const s3 = s3At(need('SQS_ENDPOINT'));
    const sqs = sqsAt(need('SQS_ENDPOINT'));
    const bucket = await freshBucket(s3, 'queue-crash');
    const { events, dead } = await eventsOf({ s3, sqs }, bucket, 50);
    const es = cluster(need('ELASTICSEARCH_URL'));
    const namespace = freshNamespace('queue');
    const stream = `logs-stepsecurity.detection-${namespace}`;
    const config = await writeConfig(bucket, namespace, events.url);
    expect((await runCli(['setup', '--config', config])).code).toBe(0);

    const first = await exportTo(s3, bucket, OBJECTS / 2, 1);
    const replica = async (): Promise<void> => {
      for (let kill = 0; kill < KILLS_EACH; kill += 1)
        await runCli(['run', '--config', config, '--follow'], { killAfterMs: 700 + Math.random() * 1_500 });
    };
    const replicas = Promise.all(Array.from({ length: REPLICAS }, replica));
    const second = await exportTo(s3, bucket, OBJECTS / 2, 2);
    await replicas;

    // What the last killed runs had in hand becomes visible again when its timeout ends.
    await sleep(VISIBILITY_S * 1_000);
    const ends: Ended[] = await Promise.all(
      Array.from({ length: REPLICAS }, () => runCli(['run', '--config', config])),
    );
    expect(ends.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      ends.map(() => ({ code: 0, stderr: '' })),
    );
    expect(await events.counts()).toEqual({ waiting: 0, inFlight: 0 });
    expect(await dead.counts()).toEqual({ waiting: 0, inFlight: 0 });

    const uids = new Set([...first.uids, ...second.uids]);
    const found = await uidsIn(es, stream);
    expect(found).toHaveLength(uids.size);
    expect(new Set(found)).toEqual(uids);
    // Without a checkpoint no run was kept out, and there are no totals across runs.
    for (const end of ends) expect(ledgerOf(end)).not.toHaveProperty('checkpoint');
    s3.destroy();
    sqs.destroy();
  }, 300_000);

  test('end gracefully: others get immediately what a replica had in hand when it was stopped', async () => {
    const s3 = s3At(need('SQS_ENDPOINT'));
    const sqs = sqsAt(need('SQS_ENDPOINT'));
    const bucket = await freshBucket(s3, 'queue-stop');
    const { events } = await eventsOf({ s3, sqs }, bucket, 50);
    const es = cluster(need('ELASTICSEARCH_URL'));
    const namespace = freshNamespace('queuestop');
    const config = await writeConfig(bucket, namespace, events.url, '12h');
    expect((await runCli(['setup', '--config', config])).code).toBe(0);
    const { uids } = await exportTo(s3, bucket, 400, 3);
    const stop = new AbortController();
    const running = runCli(['run', '--config', config, '--follow'], { kill: stop.signal, signal: 'SIGTERM' });
    // Waits for the queue, not for a time: a process that is still starting is killed by the signal.
    for (let counts = await events.counts(); counts.waiting > 0; counts = await events.counts()) {
      if (counts.inFlight > 0) break;
      await sleep(20);
    }
    stop.abort();
    const stopped = await running;
    expect({ code: stopped.code, stderr: stopped.stderr }).toEqual({ code: 0, stderr: '' });
    const rest = await runCli(['run', '--config', config, '--follow'], {
      killAfterMs: 9_000,
      signal: 'SIGTERM',
    });
    expect({ code: rest.code, stderr: rest.stderr }).toEqual({ code: 0, stderr: '' });
    // One ledger for each pass: passes follow each other without the minute's pause of other sources.
    expect(rest.stdout.trimEnd().split('\n').length).toBeGreaterThan(1);
    expect(await events.counts()).toEqual({ waiting: 0, inFlight: 0 });
    expect(new Set(await uidsIn(es, `logs-stepsecurity.detection-${namespace}`))).toEqual(uids);
    s3.destroy();
    sqs.destroy();
  }, 120_000);
});

async function writeConfig(
  bucket: string,
  namespace: string,
  queue: string,
  visibility = `${VISIBILITY_S}s`,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'queue-'));
  const path = join(folder, 'config.yaml');
  await writeFile(
    path,
    `source:
  type: s3
  bucket: ${bucket}
  endpoint: ${need('SQS_ENDPOINT')}
  force_path_style: true
  region: us-east-1
  prefixes: ['detections/{{.Year}}/{{.Month}}/']
  fetch_concurrency: 16
  queue_url: ${queue}
  queue_wait: 1s
  queue_visibility_timeout: ${visibility}
sink: { type: elasticsearch, urls: ['${need('ELASTICSEARCH_URL')}'], namespace: ${namespace}, request_bytes: 65536 }
dead_letters: { store: { type: file, path: ${folder}/dead-letters } }
pipeline: { batch_bytes: 32768, concurrency: 3 }
log: { level: warn }
`,
  );
  return path;
}
