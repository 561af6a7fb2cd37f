import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createS3Client } from '../../../src/aws/client.ts';
import { loadProgress } from '../../../src/sources/s3/load-progress.ts';
import { leastCpuMs } from '../../cost.ts';
import { sized } from '../../full.ts';
import { type ScriptedS3, scriptedS3 } from '../../scripted/s3.ts';
import { detection, s3Runs, texts } from './harness.ts';

const HOUR = 3_600_000;
const OBJECTS = sized(100_000, 3_000);
let s3: ScriptedS3;
beforeAll(async () => {
  s3 = await scriptedS3();
});
afterAll(() => s3.close());

it('a run with nothing new among many known objects costs about as much as listing them', async () => {
  const runs = s3Runs({ endpoint: s3.url, bucket: 'scripted', start: 'beginning' });
  const progress = await loadProgress(
    { start: 'beginning', latenessMs: 168 * HOUR, fullListEveryMs: 0 },
    runs.context({}, {}),
  );
  const pass = progress.begin(s3.now);
  for (let i = 0; i < OBJECTS; i += 1) {
    const { key, etag, body, modified } = s3.put(
      `2026/${String(i * 7).padStart(8, '0')}-detection.json`,
      detection(String(i)),
      s3.now - (i % 160) * HOUR,
    );
    const ref = { uri: `s3://scripted/${key}`, key, version: etag, size: body.length, modified };
    if (pass.wants(ref) === 'read') pass.done(ref);
  }
  pass.complete();
  for (const [name, bytes] of progress.changes()) if (bytes !== null) runs.parts.set(name, bytes);
  const bytes = [...runs.parts.values()].reduce((sum, part) => sum + part.length, 0);
  expect(bytes).toBeLessThan(17 * OBJECTS);

  const client = createS3Client(runs.options);
  const list = async (): Promise<void> => {
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: 'scripted', ContinuationToken: token }),
      );
      token = page.NextContinuationToken;
    } while (token !== undefined);
  };
  const listing = await leastCpuMs(list);
  client.destroy();

  let run = await runs.run();
  const whole = await leastCpuMs(async () => {
    run = await runs.run();
  }, 2);
  expect(whole).toBeLessThan(3 * listing);
  expect(run.records).toEqual([]);
  expect(run.counts).toMatchObject({
    objects_listed: OBJECTS,
    objects_known: OBJECTS,
    s3_list: OBJECTS / 1_000,
  });

  s3.put('2026/00000007-one-more.json', detection('new'));
  expect(texts(await runs.run())).toEqual([detection('new')]);
}, 600_000);
