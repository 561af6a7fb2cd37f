import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cluster, countIn, freshNamespace } from './elasticsearch.ts';
import { exportTo, freshBucket, s3At } from './export.ts';
import { ledgerOf, runCli } from './process.ts';
import { describeWith, need } from './require.ts';

const KILLS = 20;
const OBJECTS = 4_000;

describeWith(['ELASTICSEARCH_URL', 'S3_ENDPOINT'], 'killed at random moments', () => {
  test('every detection is in the data stream once, and the totals add up', async () => {
    const s3 = s3At(need('S3_ENDPOINT'));
    const bucket = await freshBucket(s3, 'crash');
    const { uids } = await exportTo(s3, bucket, OBJECTS);
    const es = cluster(need('ELASTICSEARCH_URL'));
    const namespace = freshNamespace('crash');
    const stream = `logs-stepsecurity.detection-${namespace}`;
    const config = await writeConfig(bucket, namespace);
    expect((await runCli(['setup', '--config', config])).code).toBe(0);

    let killed = 0;
    let backfill: Promise<unknown> = Promise.resolve();
    for (let kill = 0; kill < KILLS; kill += 1) {
      // A backfill of everything races the live run and is killed as well; the stream rolls over in between.
      if (kill % 5 === 1)
        backfill = runCli(['backfill', '--config', config, '--to', '2027-01-01'], { killAfterMs: 1_500 });
      const { signal } = await runCli(['run', '--config', config], {
        killAfterMs: 400 + Math.random() * 700,
      });
      if (signal === 'SIGKILL') killed += 1;
      if (kill % 4 === 2) await es.call('POST', `/${stream}/_rollover`);
    }
    await backfill;
    // Otherwise the runs finished before they were killed, and nothing was proven.
    expect(killed).toBe(KILLS);
    const ends = await Promise.all([
      runCli(['run', '--config', config]),
      runCli(['backfill', '--config', config, '--to', '2027-01-01']),
    ]);
    expect(ends.map(({ code, stderr }) => ({ code, stderr: code === 0 ? '' : stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);

    expect(ledgerOf(ends[0]).read).toBeGreaterThan(0);
    const found = await countIn(es, stream);
    expect(found).toEqual({ documents: uids.size, distinct: uids.size });
    for (const end of ends) {
      const totals = ledgerOf(end).checkpoint?.totals ?? {};
      expect(totals.read).toBe(uids.size);
      expect((totals.delivered ?? 0) + (totals.duplicate ?? 0)).toBe(uids.size);
    }
  }, 600_000);
});

async function writeConfig(bucket: string, namespace: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'crash-'));
  const connection = `endpoint: ${need('S3_ENDPOINT')}, force_path_style: true, region: us-east-1, bucket: ${bucket}`;
  const path = join(folder, 'config.yaml');
  // Small batches and frequent saves give the kills as many different moments as possible.
  await writeFile(
    path,
    `source: { type: s3, ${connection}, prefixes: ['detections/{{.Year}}/{{.Month}}/'], start: beginning, fetch_concurrency: 4 }
sink: { type: elasticsearch, urls: ['${need('ELASTICSEARCH_URL')}'], namespace: ${namespace}, request_bytes: 65536 }
state: { type: s3, ${connection}, prefix: state }
pipeline: { batch_bytes: 32768, save_interval: 200ms, concurrency: 3 }
log: { level: warn }
`,
  );
  return path;
}
