import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { bucketOf, clientOf } from './bucket.ts';
import { ndjson } from './generate.ts';
import { alternate, CLI, type Measured, median, ROOT, report, runMeasured, scratch } from './measure.ts';

const LIST_ONCE = join(ROOT, 'test/bench/list-once.js');

/**
 * A run that finds nothing new, from its start to its exit: it lists, asks the destination whether it is there, sends its
 * heartbeat and saves. Against the bare SDK that lists once.
 */
export async function benchNothingNew(endpoint: string, nullServer: string, rounds = 15): Promise<void> {
  const client = clientOf(endpoint);
  const bucket = await bucketOf(client);
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'detections/0', Body: ndjson(5, 0, 100) }));
  const from = ['--s3', `s3://${bucket}/detections/`, '--endpoint', endpoint, '--region', 'us-east-1'];
  const to = ['--elasticsearch', nullServer, '--state', scratch()];
  const set = ['source.start=beginning', 'sink.heartbeat=true'].flatMap((one) => ['--set', one]);
  const run = () => runMeasured(CLI, ['run', ...from, ...to, ...set]);
  await run();

  const runs: Measured[] = [];
  const ours = async (): Promise<number> => {
    const measured = await run();
    if ((JSON.parse(measured.last) as { read: number }).read !== 0) throw new Error(measured.last);
    runs.push(measured);
    return measured.cpu;
  };
  const bare = async (): Promise<number> => (await runMeasured(LIST_ONCE, [endpoint, bucket])).cpu;
  const { seconds, share } = await alternate(ours, bare, rounds);
  report('a run with nothing new', {
    'CPU seconds': seconds,
    'times the bare SDK that lists once': 1 / share,
    'peak MiB': median(runs.map(({ peakMiB }) => peakMiB)),
  });
}
