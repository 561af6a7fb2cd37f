import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, test } from '@jest/globals';
import stringWidth from 'string-width';
import { createMeter } from '../../../src/account/meter.ts';
import { showProgress } from '../../../src/commands/backfill/progress-bar.ts';
import { progressLine } from '../../../src/commands/backfill/progress-line.ts';

const MINUTE = 60_000;
const line = (counts: Record<string, number>, { detections = 0, ended = false, columns = 79 } = {}): string =>
  progressLine(
    {
      counts: new Map(Object.entries(counts).map(([name, count]) => [`objects_${name}`, count])),
      detections,
      elapsedMs: MINUTE,
      ended,
    },
    columns,
  );

describe('the progress line', () => {
  test.each<[string, string, Record<string, number>, object]>([
    ['nothing is listed yet', '0 detections · 0/s', {}, {}],
    ['an API has no objects', '1,200 detections · 20/s', {}, { detections: 1_200 }],
    ['nothing is done', '░'.repeat(30) + '   0 % 0 of 10 objects · 0 detections · 0/s', { listed: 10 }, {}],
    [
      'skipped objects count as done',
      `${'█'.repeat(13)}${'░'.repeat(5)}  75 % 3 of 4 objects · 60 detections · 1/s · 60 seconds left`,
      { listed: 4, read: 1, known: 1, ignored: 1 },
      { detections: 60 },
    ],
    [
      'listing has not finished, so this is not the end',
      `${'█'.repeat(29)}░  99 % 4 of 4 objects · 0 detections · 0/s`,
      { listed: 4, read: 4 },
      {},
    ],
    [
      'the end',
      `${'█'.repeat(30)} 100 % 9 of 9 objects · 0 detections · 0/s`,
      {
        listed: 9,
        read: 1,
        known: 1,
        outside: 1,
        of_other_shards: 1,
        ignored: 1,
        ours: 1,
        gone: 1,
        changed: 1,
        failed: 1,
      },
      { ended: true },
    ],
    [
      'stopped in the middle',
      `${'█'.repeat(15)}${'░'.repeat(15)}  50 % 2 of 4 objects · 0 detections · 0/s`,
      { listed: 4, read: 2 },
      { ended: true },
    ],
    ['no room for a bar', '50 % · 2 of 4 objects', { listed: 4, read: 2 }, { columns: 30 }],
  ])('%s', (_, expected, counts, options) => {
    expect(line(counts, options)).toBe(expected);
  });

  it.each([20, 40, 79, 119])('is at most %i columns', (columns) => {
    const counts = { listed: 2_345_678, read: 123_456, known: 1_000_000 };
    expect(stringWidth(line(counts, { detections: 98_765_432, columns }))).toBeLessThanOrEqual(columns);
  });
});

describe('on a terminal', () => {
  async function drawn(isTTY: boolean, env: NodeJS.ProcessEnv): Promise<string> {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
    const meter = createMeter();
    const shown = showProgress(meter, { stream, env });
    meter.add('objects_listed', 2);
    meter.add('objects_read', 1);
    shown.acked?.({ documents: 7 });
    await sleep(150);
    meter.add('objects_known', 1);
    shown.finish?.();
    return String(stream.read() ?? '');
  }

  it('is redrawn, and ends full on its own line', async () => {
    const text = await drawn(true, {});
    expect(text).toContain(' 50 % 1 of 2 objects · 7 detections');
    expect(text).toMatch(/100 % 2 of 2 objects[^\n]*\n$/);
    expect(text.indexOf('0 detections · 0/s')).toBeLessThan(text.indexOf('50 %'));
  });

  it.each([
    [false, {}],
    [true, { TERM: 'dumb' }],
  ])('draws nothing where a line cannot be redrawn: terminal %s, %j', async (isTTY, env) => {
    expect(await drawn(isTTY, env)).toBe('');
  });
});
