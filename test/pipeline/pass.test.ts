import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../../src/contracts/errors.ts';
import type { Batch, Outcome, Source } from '../../src/contracts/types.ts';
import { type PassOptions, runPass } from '../../src/pipeline/pass.ts';
import { batchOf, DELIVERED, never, record, sinkOf, stagesOf } from './harness.ts';

/** A source of `count` batches of one record, each identified by its number; it notes what was read and acked. */
function numbered(count: number, end: () => void = () => undefined) {
  const read: number[] = [];
  const acked: number[] = [];
  const source: Source = {
    async *read(stop): AsyncGenerator<Batch> {
      for (let at = 0; at < count && !stop.aborted; at += 1) {
        read.push(at);
        yield batchOf([record({ offset: at })], () => {
          acked.push(at);
        });
      }
      end();
    },
    progress: () => new Map(),
  };
  return { source, read, acked };
}

/** Waits until something is true, while the rest of the process continues. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

/** A sink that handles the nth batch as `behave` says. */
function sinkBy(behave: (at: number, signal: AbortSignal) => Promise<Outcome>) {
  let at = -1;
  return sinkOf(async (_, signal) => [await behave((at += 1), signal)]);
}

const pass = (over: Partial<PassOptions> & Pick<PassOptions, 'source'>) =>
  runPass({ stages: stagesOf(), concurrency: 3, stop: never, abort: never, acked: () => undefined, ...over });

const later = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

it('prepares batches ahead of the sink, which gets as many at a time as it may', async () => {
  const { source, read, acked } = numbered(12);
  let atOnce = 0;
  let most = 0;
  let ready = 0;
  const sink = sinkBy(async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    // Until the most that can ever be at the sink, or ready for it, is there.
    await until(() => read.length === 12 || (atOnce === 3 && read.length - acked.length >= 5));
    // If there were more, it would arrive now.
    for (let i = 0; i < 20; i += 1) await turn();
    ready = Math.max(ready, read.length - acked.length - atOnce);
    atOnce -= 1;
    return DELIVERED;
  });
  await pass({ source, stages: stagesOf({ sink }) });
  expect(acked).toEqual(Array.from({ length: 12 }, (_, at) => at));
  expect(most).toBe(3);
  expect(ready).toBe(2);
});

describe('when the destination fails', () => {
  it('lets batches before a failed one finish, and gives up those after it', async () => {
    const { source, acked, read } = numbered(10);
    const bad = new UnavailableError('down');
    const given: unknown[] = [];
    let failed = false;
    const sink = sinkBy(async (at, signal) => {
      // The one before is still in flight when this one fails; two more are ready.
      if (at === 0) await until(() => failed && given.length > 0);
      if (at === 1) {
        await until(() => read.length === 5);
        failed = true;
        throw bad;
      }
      if (at > 1) await later(signal).catch((reason: unknown) => Promise.reject(given.push(reason)));
      return DELIVERED;
    });
    const end = await pass({ source, stages: stagesOf({ sink }) });
    expect(acked).toEqual([0]);
    expect(end).toEqual({ unacked: 4, complete: false, error: bad });
    expect(given).toHaveLength(1);
  });

  it('acks nothing after a failed batch, not even what was delivered', async () => {
    const { source, acked, read } = numbered(10);
    let delivered = 0;
    const sink = sinkBy(async (at) => {
      if (at === 0) {
        await until(() => delivered > 1);
        throw new UnavailableError('down');
      }
      delivered += 1;
      return DELIVERED;
    });
    const end = await pass({ source, stages: stagesOf({ sink }) });
    expect(acked).toEqual([]);
    expect(end.unacked).toBe(read.length);
    expect(read.length).toBeLessThanOrEqual(6);
  });

  it('names the earliest failure', async () => {
    const { source } = numbered(3);
    let failed = 0;
    const sink = sinkBy(async (at) => {
      if (at === 0) await until(() => failed > 0);
      failed += 1;
      throw new UnavailableError(`batch ${at}`);
    });
    const { error } = await pass({ source, stages: stagesOf({ sink }) });
    expect(error).toMatchObject({ message: 'batch 0' });
  });

  it('finishes and acks what a source yielded before it failed at its end', async () => {
    const away = new UnavailableError('bucket away');
    const { source, acked } = numbered(3, () => {
      throw away;
    });
    const sink = sinkBy(async () => {
      await turn();
      return DELIVERED;
    });
    expect(await pass({ source, stages: stagesOf({ sink }) })).toEqual({
      unacked: 0,
      complete: false,
      error: away,
    });
    expect(acked).toEqual([0, 1, 2]);
  });

  it('stops at a failing ack or save', async () => {
    const first = numbered(5);
    const broken: Source = {
      ...first.source,
      async *read(): AsyncGenerator<Batch> {
        yield batchOf([record()], () => Promise.reject(new Error('no ack')));
        yield batchOf([record()]);
      },
    };
    expect(await pass({ source: broken, concurrency: 1 })).toMatchObject({
      unacked: 1,
      complete: false,
      error: { message: 'no ack' },
    });

    const second = numbered(5);
    const saves: number[] = [];
    const end = await pass({
      source: second.source,
      concurrency: 1,
      acked: () => {
        saves.push(1);
        throw new Error('no save');
      },
    });
    expect(end.error).toMatchObject({ message: 'no save' });
    expect([second.acked, saves]).toEqual([[0], [1]]);
  });
});

describe('stop and abort', () => {
  it('stop: batches in flight are finished and acked, and nothing more is read', async () => {
    const stop = new AbortController();
    const { source, acked, read } = numbered(100);
    const sink = sinkBy(async (at) => {
      if (at === 1) stop.abort();
      await turn();
      return DELIVERED;
    });
    expect(await pass({ source, stages: stagesOf({ sink }), stop: stop.signal })).toEqual({
      unacked: 0,
      complete: false,
    });
    expect(acked).toEqual(read);
    expect(read.length).toBeLessThan(6);
  });

  it('abort: nothing more is acked, and the reason is reported whatever broke off', async () => {
    const abort = new AbortController();
    const reason = new UnavailableError('grace over');
    const { source, acked } = numbered(100);
    const sink = sinkBy(async (at, signal) => {
      if (at === 0) return DELIVERED;
      const under = later(signal);
      if (at === 1) {
        await until(() => acked.length === 1);
        abort.abort(reason);
      }
      return under;
    });
    const end = await pass({ source, stages: stagesOf({ sink }), abort: abort.signal });
    expect(end.error).toBe(reason);
    expect(acked).toEqual([0]);
    expect(end.unacked).toBeGreaterThan(0);
  });

  it('abort: a batch whose sink ignores the signal is not acked either', async () => {
    const abort = new AbortController();
    const reason = new UnavailableError('lease lost');
    const { source, acked } = numbered(1);
    const sink = sinkBy(async () => {
      abort.abort(reason);
      return DELIVERED;
    });
    expect(await pass({ source, stages: stagesOf({ sink }), abort: abort.signal })).toEqual({
      unacked: 1,
      complete: false,
      error: reason,
    });
    expect(acked).toEqual([]);
  });
});

describe('the loop', () => {
  it('acks in reading order, whatever the order of finishing', async () => {
    const { source, acked } = numbered(20);
    const told: number[] = [];
    const sink = sinkBy(async (at) => {
      for (let turns = (20 - at) % 7; turns > 0; turns -= 1) await turn();
      return DELIVERED;
    });
    const end = await pass({
      source,
      stages: stagesOf({ sink }),
      concurrency: 5,
      acked: async (_, batch) => {
        await turn();
        told.push(batch.records[0]?.offset ?? -1);
      },
    });
    expect(end).toEqual({ unacked: 0, complete: true });
    expect(acked).toEqual(Array.from({ length: 20 }, (_, at) => at));
    expect(told).toEqual(acked);
  });

  it.each([1, 2, 7])(
    'never has more than %i batches in flight, and reaches that many',
    async (concurrency) => {
      let now = 0;
      let most = 0;
      let open = (): void => undefined;
      const full = new Promise<void>((resolve) => {
        open = resolve;
      });
      const { source } = numbered(30);
      // No batch ends until the allowed number is in flight, so reaching it does not depend on how busy the machine is.
      // One too many would show in `most`; one too few would never open the gate, and the test would time out.
      const sink = sinkBy(async () => {
        now += 1;
        most = Math.max(most, now);
        if (now === concurrency) open();
        await full;
        await turn();
        now -= 1;
        return DELIVERED;
      });
      await pass({ source, stages: stagesOf({ sink }), concurrency });
      expect(most).toBe(concurrency);
    },
  );

  it('ends immediately when there is nothing', async () => {
    expect(await pass({ source: numbered(0).source })).toEqual({ unacked: 0, complete: true });
  });
});
