import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Origin, Successor } from '../../../src/contracts/types.ts';
import { type ScriptedS3, scriptedS3 } from '../../scripted/s3.ts';
import { detection, s3Runs } from './harness.ts';

/** What happened to the object of a letter, on a server whose HEAD has no fractions of a second. */

const DAY_MS = 86_400_000;
const KEY = '2026/a.json';
let s3: ScriptedS3;
let runs: ReturnType<typeof s3Runs>;
let origin: Origin;
beforeEach(async () => {
  s3 = await scriptedS3();
  runs = s3Runs({ endpoint: s3.url, bucket: 'scripted', start: 'beginning' });
  const { etag } = s3.put(KEY, 'broken');
  origin = { source: 's3', uri: `s3://scripted/${KEY}`, version: etag };
  await runs.run();
});
afterEach(() => s3.close());

async function successor(of = origin): Promise<Successor | undefined> {
  const source = await runs.component.create(runs.context({}, {}));
  try {
    return await source.successor?.(of);
  } finally {
    await source.close?.();
  }
}

const replaced = (etag: string, settled: boolean): Successor => ({
  is: 'replaced',
  by: { source: 's3', uri: origin.uri, version: etag },
  settled,
});

describe('an object', () => {
  test('that did not change is unchanged, and one that was removed, is unreadable, or is in another bucket is gone', async () => {
    expect(await successor()).toEqual({ is: 'unchanged' });
    expect(await successor({ ...origin, uri: 's3://other/a.json' })).toEqual({ is: 'gone' });
    s3.fault = () => ({ status: 403, code: 'AccessDenied' });
    expect(await successor()).toEqual({ is: 'gone' });
    s3.fault = () => undefined;
    s3.remove(KEY);
    expect(await successor()).toEqual({ is: 'gone' });
  });

  test('that was rewritten is settled once a run has read that version to its end', async () => {
    const { etag } = s3.put(KEY, detection('mended'), s3.now);
    expect(await successor()).toEqual(replaced(etag, false));
    await runs.run();
    expect(await successor()).toEqual(replaced(etag, true));
    const again = s3.put(KEY, detection('again'), s3.now);
    expect(await successor()).toEqual(replaced(again.etag, false));
  });

  test('is settled before the watermark, where single objects are forgotten', async () => {
    const { etag } = s3.put(KEY, detection('mended'), s3.now);
    await runs.run();
    s3.now += 20 * DAY_MS;
    s3.put('2026/b.json', detection('later'), s3.now);
    await runs.run();
    await runs.run();
    expect([...runs.parts.keys()].filter((name) => name.startsWith('done/'))).toHaveLength(1);
    expect(await successor()).toEqual(replaced(etag, true));
    // Stored with an old date, within the second of the watermark: a listing would show it as newer.
    const swept = Date.parse((runs.progress() as { swept_before: string }).swept_before);
    const late = s3.put(KEY, detection('late'), swept);
    expect(await successor()).toEqual(replaced(late.etag, false));
  });

  test('that fails is not settled', async () => {
    const { etag } = s3.put(KEY, detection('mended'), s3.now);
    s3.fault = ({ operation }) => (operation === 'get' ? { status: 403, code: 'AccessDenied' } : undefined);
    await runs.run();
    expect(await successor()).toEqual(replaced(etag, false));
  });

  test('is not settled without a checkpoint', async () => {
    const { etag } = s3.put(KEY, detection('mended'), s3.now);
    await runs.run();
    runs.reset();
    expect(await successor()).toEqual(replaced(etag, false));
  });
});
