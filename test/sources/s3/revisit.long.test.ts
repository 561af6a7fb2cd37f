import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../../src/contracts/errors.ts';
import type { Again, Parts } from '../../../src/contracts/source.ts';
import { type ScriptedS3, scriptedS3 } from '../../scripted/s3.ts';
import { detection, s3Runs, texts } from './harness.ts';

const DAY = 86_400_000;

let s3: ScriptedS3;
beforeEach(async () => {
  s3 = await scriptedS3();
});
afterEach(() => s3.close());

const from = (options: Record<string, unknown> = {}) =>
  s3Runs({ endpoint: s3.url, bucket: 'scripted', start: 'beginning', ...options });
type Runs = ReturnType<typeof from>;

const partsOf = (runs: Runs): Parts => ({
  sizes: new Map([...runs.parts].map(([name, bytes]) => [name, bytes.length])),
  part: async (name) => runs.parts.get(name),
});

async function revisit(runs: Runs, again: Again) {
  const planned = await runs.component.revisit?.(again, partsOf(runs), runs.context({}, {}));
  for (const [name, bytes] of planned?.parts ?? []) {
    if (bytes === null) runs.parts.delete(name);
    else runs.parts.set(name, bytes);
  }
  return planned;
}

/** Objects from 40 days, one per day at noon, in monthly folders; all are read, and most are before the watermark. */
async function settled(options: Record<string, unknown> = {}): Promise<{ runs: Runs; begin: number }> {
  const begin = Date.parse('2026-01-01T12:00:00Z');
  const runs = from(options);
  for (let day = 0; day < 40; day += 1) {
    const month = day < 31 ? '01' : '02';
    s3.put(`detections/2026/${month}/${day}`, detection(`d${day}`), begin + day * DAY);
    s3.now = begin + day * DAY + 60_000;
    if (day % 10 === 9) await runs.run();
  }
  s3.now = begin + 40 * DAY;
  await runs.run();
  expect(texts(await runs.run())).toEqual([]);
  return { runs, begin };
}

describe.each([
  ['a plain prefix', { prefixes: ['detections/'] }],
  ['a template', { prefixes: ['detections/{{.Year}}/{{.Month}}/'] }],
])('reading again below %s', (_, options) => {
  it('goes back to a time before the watermark', async () => {
    const { runs, begin } = await settled(options);
    const planned = await revisit(runs, { since: begin + 20 * DAY });
    expect(planned?.objects).toBe(20);
    const again = texts(await runs.run());
    expect(again.toSorted()).toEqual(Array.from({ length: 20 }, (_, at) => detection(`d${20 + at}`)).sort());
    expect(texts(await runs.run())).toEqual([]);
  });

  it('goes back to a time that the sets remember, by at most its whole day', async () => {
    const { runs, begin } = await settled(options);
    expect((await revisit(runs, { since: begin + 38 * DAY + 1 }))?.objects).toBe(1);
    expect(texts(await runs.run()).toSorted()).toEqual([detection('d38'), detection('d39')]);
    expect(texts(await runs.run())).toEqual([]);
  });

  it('goes back before its own start', async () => {
    const { runs } = await settled({ ...options, start: '2026-01-21T00:00:00Z' });
    await revisit(runs, { since: 0 });
    expect(texts(await runs.run())).toHaveLength(40);
    expect(texts(await runs.run())).toEqual([]);
  });

  it('reads named objects once more, on both sides of the watermark, and no others', async () => {
    const { runs } = await settled(options);
    const planned = await revisit(runs, { below: 's3://scripted/detections/2026/01/3' });
    expect(planned?.objects).toBe(2);
    expect(texts(await runs.run()).toSorted()).toEqual([detection('d3'), detection('d30')]);
    await revisit(runs, { below: 's3://scripted/detections/2026/02/3' });
    expect(texts(await runs.run())).toHaveLength(9);
    expect(texts(await runs.run())).toEqual([]);
    expect(runs.progress().failing).toEqual([]);
  });
});

describe('cannot be read again:', () => {
  it('another bucket, an empty place, or a checkpoint without progress', async () => {
    await expect(revisit(from(), { since: 0 })).rejects.toThrow(ConfigError);
    const { runs } = await settled({ prefixes: ['detections/'] });
    s3.put('elsewhere/x', detection('x'));
    for (const below of ['s3://other/detections/', 's3://scripted/nothing/', 's3://scripted/elsewhere/']) {
      await expect(revisit(runs, { below })).rejects.toThrow(below);
    }
  });
});

describe('the checkpoint in words', () => {
  it('says how far a run is', async () => {
    const { runs } = await settled({ prefixes: ['detections/'] });
    s3.fault = ({ operation }) => (operation === 'get' ? { status: 403, code: 'AccessDenied' } : undefined);
    s3.put('detections/2026/02/poison', detection('p'), s3.now);
    await runs.run();
    const lines = (await runs.component.describe(partsOf(runs))).join('\n');
    expect(lines).toContain('settled before 2026-02-0');
    expect(lines).toMatch(/objects remembered: \d+, from \d+ days?/);
    expect(lines).toMatch(/failing: detections\/2026\/02\/poison, in 1 runs: /);
  });

  it('says how far a backfill is', async () => {
    const runs = from();
    for (let at = 0; at < 10; at += 1) s3.put(`k${at}`, detection(`d${at}`));
    await runs.run({ backfill: { from: 0 }, stopAfter: 3, maxRecords: 1 });
    expect((await runs.component.describe(partsOf(runs))).join('\n')).toMatch(
      /backfill from 1970-01-01T00:00:00.000Z to the end[^]*done up to the key k\d/,
    );
  });
});
