import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { exportTo, freshBucket, s3At } from './export.ts';
import { type Ended, ledgerOf, runCli } from './process.ts';
import { describeWith, need } from './require.ts';

describeWith(['S3_ENDPOINT'], 'an Indexed Job over a real bucket', () => {
  it('reads the same as one process, with N processes, their state in the bucket and one of them killed', async () => {
    const endpoint = need('S3_ENDPOINT');
    const client = s3At(endpoint);
    const bucket = await freshBucket(client, 'shards');
    const { uids } = await exportTo(client, bucket, 300);
    const folder = mkdtempSync(join(tmpdir(), 'shards-s3-'));
    const source = { type: 's3', bucket, prefixes: ['detections/'], endpoint, force_path_style: true };
    const state = { type: 's3', bucket, prefix: 'state', endpoint, force_path_style: true };
    const backfill = (out: string, args: string[] = [], killAfterMs?: number): Promise<Ended> => {
      const values = {
        source: { ...source, start: 'beginning' },
        state,
        sink: { type: 'ndjson', path: out },
      };
      const set = Object.entries(values).flatMap(([key, value]) => [
        '--set',
        `${key}=${JSON.stringify(value)}`,
      ]);
      const options = killAfterMs === undefined ? {} : { killAfterMs };
      return runCli(['backfill', ...set, '--set', 'pipeline.batch_records=20', ...args], options);
    };
    const of = 3;
    const outOf = (index: number): string => join(folder, `shard-${index}.ndjson`);
    const shard = (index: number, killAfterMs?: number): Promise<Ended> =>
      backfill(outOf(index), ['--shard', `${index}/${of}`], killAfterMs);

    const killed = shard(2, 700);
    const ended = await Promise.all([shard(0), shard(1), killed.then(() => shard(2))]);
    const whole = await backfill(join(folder, 'whole.ndjson'));
    expect([...ended, whole].map(({ code }) => code)).toEqual([0, 0, 0, 0]);

    const found = ended.map((_, index) => uidsIn(outOf(index)));
    const all = found.flatMap((uidsOfOne) => [...uidsOfOne]);
    expect(new Set(all)).toEqual(uids);
    expect(new Set(all)).toEqual(uidsIn(join(folder, 'whole.ndjson')));
    // No uid went to two shards.
    expect(all).toHaveLength(uids.size);
    const sum = ended.reduce((total, one) => total + (ledgerOf(one).checkpoint?.totals.read ?? 0), 0);
    expect(sum).toBe(ledgerOf(whole).read);
  }, 60_000);
});

function uidsIn(file: string): Set<string> {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return new Set(lines.map((line) => JSON.parse(line).event.id as string));
}
