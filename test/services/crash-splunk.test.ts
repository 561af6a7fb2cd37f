import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { exportTo, freshBucket, s3At } from './export.ts';
import { ledgerOf, runCli } from './process.ts';
import { describeWith, need } from './require.ts';

const KILLS = 20;
const OBJECTS = 3_000;

describeWith(['HEC_URL', 'HEC_TOKEN', 'HEC_EVENTS', 'S3_ENDPOINT'], 'killed at random moments', () => {
  test('nothing is lost, and no more is repeated than possibly_duplicated says', async () => {
    const s3 = s3At(need('S3_ENDPOINT'));
    const bucket = await freshBucket(s3, 'crash-hec');
    const { uids } = await exportTo(s3, bucket, OBJECTS, 7);
    const config = await writeConfig(bucket);
    let killed = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const { signal } = await runCli(['run', '--config', config], {
        killAfterMs: 400 + Math.random() * 700,
      });
      if (signal === 'SIGKILL') killed += 1;
    }
    // Otherwise the runs finished before they were killed, and nothing was proven.
    expect(killed).toBe(KILLS);
    const end = await runCli(['run', '--config', config]);
    expect({ code: end.code, stderr: end.code === 0 ? '' : end.stderr }).toEqual({ code: 0, stderr: '' });
    const ledger = ledgerOf(end);
    expect(ledger.checkpoint?.totals.read).toBe(uids.size);
    const possibly = ledger.checkpoint?.totals.possibly_duplicated ?? 0;

    const times = await timesIn(need('HEC_EVENTS'), bucket);
    expect([...uids].filter((uid) => !times.has(uid))).toEqual([]);
    const doubled = [...times.values()].reduce((sum, count) => sum + count - 1, 0);
    // The bound only uses what a run can know: each unclean end may repeat what was in flight when it was killed.
    expect(doubled).toBeLessThanOrEqual(possibly);
    // A request has some 30 documents: four under way that never arrived, and one ahead.
    expect(possibly).toBeLessThanOrEqual(2 * doubled + KILLS * 150);
    expect(times.size).toBe(uids.size);
  }, 600_000);
});

/** How often each uid in this test's bucket was stored. */
async function timesIn(file: string, bucket: string): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    if (!line.includes(bucket)) continue;
    const { fields } = JSON.parse(line) as { fields?: { uid: string } };
    // A heartbeat.
    if (fields === undefined) continue;
    times.set(fields.uid, (times.get(fields.uid) ?? 0) + 1);
  }
  return times;
}

async function writeConfig(bucket: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'crash-hec-'));
  const connection = `endpoint: ${need('S3_ENDPOINT')}, force_path_style: true, region: us-east-1, bucket: ${bucket}`;
  const path = join(folder, 'config.yaml');
  await writeFile(
    path,
    `source: { type: s3, ${connection}, prefixes: ['detections/{{.Year}}/{{.Month}}/'], start: beginning, fetch_concurrency: 4 }
sink: { type: splunk_hec, url: '${need('HEC_URL')}', token: '\${HEC_TOKEN}', request_bytes: 65536 }
state: { type: s3, ${connection}, prefix: state }
pipeline: { batch_bytes: 32768, save_interval: 200ms, concurrency: 3 }
log: { level: warn }
`,
  );
  return path;
}
