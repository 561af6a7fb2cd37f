import { afterEach, describe, expect, it, jest, test } from '@jest/globals';
import { createMeter } from '../../src/account/meter.ts';
import { addFate, createTally } from '../../src/account/tally.ts';
import { routeOf } from '../../src/config/route.ts';
import { configSchema } from '../../src/config/schema.ts';
import { ConfigError, UnavailableError } from '../../src/contracts/errors.ts';
import type { Heartbeat } from '../../src/contracts/heartbeat.ts';
import { createHeart } from '../../src/pipeline/heart.ts';
import { silentAfterRefusal } from '../../src/pipeline/refusal.ts';
import type { Ending } from '../../src/session/conclude.ts';
import type { Session } from '../../src/session/session.ts';
import { testContext } from '../contract/sink.ts';
import { documentOf, never } from './harness.ts';

afterEach(() => void jest.useRealTimers());

const config = configSchema.parse({
  source: { type: 'file', path: '/in' },
  sink: { type: 'ndjson', path: '/out' },
});

function open(heartbeat: (beat: Heartbeat, signal: AbortSignal) => Promise<void> = async () => undefined) {
  const warnings: unknown[] = [];
  const quiet = (): void => undefined;
  const log = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: (fields: unknown) => void warnings.push(fields),
  };
  const meter = createMeter();
  const abort = new AbortController();
  const session: Session = {
    route: routeOf(config, '/etc/feed-of-acme.yaml'),
    context: { ...testContext({ log, abort: abort.signal }), meter },
    meter,
    signals: { stop: never, abort: abort.signal, giveUp: quiet, dispose: quiet },
    started: 0,
    close: quiet,
  };
  const beats: Heartbeat[] = [];
  const heart = createHeart(session, {
    heartbeat: async (beat, signal) => {
      beats.push(beat);
      await heartbeat(beat, signal);
    },
  });
  return { heart, beats, warnings, meter, abort };
}

function ending(read: number, over: Partial<Ending> = {}): Ending {
  const tally = createTally();
  tally.read = read;
  if (read > 0) addFate(tally, 'Reverse-Shell', 'delivered', read);
  return { command: 'run', tally, complete: true, started: 1_000, ...over };
}

describe('heartbeats of a run', () => {
  it('are sent once for a single pass', async () => {
    const { heart, beats } = open();
    await heart.pass(ending(2), true);
    await heart.end();
    expect(beats).toHaveLength(1);
    expect(beats[0]).toMatchObject({
      configuration: 'feed-of-acme',
      passes: 1,
      exitCode: 0,
      counts: { read: 2 },
      lists: { kinds: [{ name: 'Reverse-Shell', count: 2 }] },
    });
    expect(beats[0]?.version).toMatch(/^\d/);
  });

  it('are sent at most every five minutes while passes follow each other, without losing any numbers', async () => {
    jest.useFakeTimers({ now: 0 });
    const { heart, beats, meter } = open();
    for (let minute = 0; minute < 12; minute += 1) {
      jest.setSystemTime(minute * 60_000);
      meter.reset();
      meter.add('s3_list', 2);
      await heart.pass(ending(1), false);
    }
    expect(beats.map(({ passes }) => passes)).toEqual([1, 5, 5]);
    await heart.end();
    await heart.end();
    expect(beats.map(({ passes, counts }) => [passes, counts.read])).toEqual([
      [1, 1],
      [5, 5],
      [5, 5],
      [1, 1],
    ]);
    expect(beats[1]?.lists.counters).toEqual([{ name: 's3_list', count: 10 }]);
    expect(new Set(beats.map(({ id }) => id)).size).toBe(4);
  });

  it('say that an earlier pass left dead letters', async () => {
    jest.useFakeTimers({ now: 0 });
    const { heart, beats } = open();
    await heart.pass(ending(1), false);
    const tally = createTally();
    tally.read = 1;
    addFate(tally, 'Reverse-Shell', 'dead_lettered', 1);
    await heart.pass(ending(0, { tally }), false);
    await heart.pass(ending(2), true);
    expect(beats.map(({ exitCode, counts }) => [exitCode, counts.dead_lettered])).toEqual([
      [0, 0],
      [3, 1],
    ]);
  });

  it('say what stopped the run', async () => {
    const { heart, beats } = open();
    await heart.pass(ending(0, { error: new UnavailableError('the bucket is away'), complete: false }), true);
    expect(beats[0]).toMatchObject({ exitCode: 4, error: 'the bucket is away', complete: false });
  });

  it('cause only a warning when they fail', async () => {
    const { heart, warnings } = open(() => Promise.reject(new Error('not permitted')));
    await heart.pass(ending(1), true);
    expect(warnings).toEqual([{ reason: 'not permitted' }]);
  });

  it('are waited for two seconds at most', async () => {
    const { heart, warnings } = open(
      (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
    );
    const begun = performance.now();
    await heart.pass(ending(1), true);
    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(warnings).toEqual([{ reason: 'no answer within 2 s' }]);
  });

  it('are not sent by a run that gives up', async () => {
    const { heart, beats, abort } = open();
    abort.abort(new Error('lease lost'));
    await heart.pass(ending(1), true);
    expect(beats).toEqual([]);
  });
});

describe('a destination that refused', () => {
  test.each([
    ['a write, for the operator to fix', 'write', new ConfigError('setup was not run'), 0],
    ['a probe, for the operator to fix', 'probe', new ConfigError('the key has expired'), 0],
    ['a write, for now', 'write', new UnavailableError('disk full'), 1],
    ['nothing', 'nothing', undefined, 1],
  ] as const)('%s, gets its heartbeats or none', async (_, at, error, beats) => {
    let sent = 0;
    const fail = async (by: string): Promise<void> => {
      if (by === at) throw error;
    };
    const sink = silentAfterRefusal({
      write: async () => fail('write').then(() => []),
      probe: () => fail('probe'),
      heartbeat: async () => void (sent += 1),
    });
    await sink.write([documentOf('a')], never).catch(() => undefined);
    await sink.probe?.(never).catch(() => undefined);
    await sink.heartbeat?.({} as Heartbeat, never);
    expect(sent).toBe(beats);
  });
});
