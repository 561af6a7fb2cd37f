import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { UnavailableError } from '../../src/contracts/errors.ts';
import type { Batch, Source, SourceRecord } from '../../src/contracts/types.ts';
import { createBurial } from '../../src/letters/burial.ts';
import { type DeadLetters, openDeadLetters } from '../../src/letters/dead-letters.ts';
import type { DeadLetter } from '../../src/letters/letter.ts';
import { processBatch } from '../../src/pipeline/batch.ts';
import { runPass } from '../../src/pipeline/pass.ts';
import { createFileStore } from '../../src/state/file.ts';
import { itInFull } from '../full.ts';
import { testContext } from '../state/context.ts';
import { batchOf, never, record, sinkOf, stagesOf } from './harness.ts';

let folder: string;
let deadLetters: DeadLetters;
const warned: Record<string, unknown>[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'object-faults-'));
  deadLetters = openDeadLetters(await createFileStore({ type: 'file', path: folder }, testContext()));
  warned.length = 0;
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const log = {
  debug() {},
  info() {},
  error() {},
  warn: (fields: Record<string, unknown>) => void warned.push(fields),
};
/** As in a new process. */
const burial = () => createBurial({ deadLetters, log, maxPerRun: 1 });

/** Records of one object; each reading has its own origin. */
function object(uri = '/in/a.ndjson') {
  const origin = { source: 'file', uri, version: '1' };
  return (from: number, to: number, text = 'x'): SourceRecord[] =>
    Array.from({ length: to - from }, (_, at) => record({ text, origin, offset: (from + at) * 10 }));
}

async function letters(): Promise<{ own: DeadLetter[]; rest: DeadLetter[] }> {
  const all: DeadLetter[] = [];
  for await (const file of deadLetters.files()) all.push(...file.letters);
  const ids = new Map(all.map((letter) => [letter.id, letter]));
  return {
    own: [...ids.values()].filter((letter) => letter.rest === undefined),
    rest: [...ids.values()].filter((letter) => letter.rest !== undefined),
  };
}

it('the first faults of an object get letters, one more stands for the rest, and the tally adds up', async () => {
  const records = object();
  const run = burial();
  const stages = stagesOf({ burial: run });
  const tally = await processBatch(batchOf(records(0, 1_001)), stages, never);
  expect(tally).toMatchObject({ read: 1_001, dead_lettered: 1_001 });
  await processBatch(batchOf(records(1_001, 1_500)), stages, never);
  const { own, rest } = await letters();
  expect(own.map(({ origin }) => origin.offset).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 10 }, (_, at) => at * 10),
  );
  expect(rest).toMatchObject([
    {
      origin: { offset: 100 },
      rest: {
        count: 1_490,
        last: 14_990,
        spans: [
          [
            [100, 0],
            [14_990, 0],
          ],
        ],
      },
    },
  ]);
  expect(warned).toMatchObject([{ object: '/in/a.ndjson' }]);
  expect(() => run.check()).not.toThrow();
});

it('a run that was killed in the middle counts nothing twice, wherever the next one starts', async () => {
  const first = object();
  const stages = () => stagesOf({ burial: burial() });
  const killed = stages();
  await processBatch(batchOf(first(0, 300)), killed, never);
  await processBatch(batchOf(first(300, 500)), killed, never);
  // The second batch was never acked; the next run splits its batches elsewhere.
  const second = object();
  const next = stages();
  await processBatch(batchOf(second(300, 401)), next, never);
  await processBatch(batchOf(second(401, 700)), next, never);
  // And once more from the very beginning.
  await processBatch(batchOf(object()(0, 700)), stages(), never);
  const { own, rest } = await letters();
  expect([own.length, rest[0]?.rest?.count, rest[0]?.rest?.last]).toEqual([10, 690, 6_990]);
});

it('records between the faults are kept apart, even across batches', async () => {
  const records = object();
  const good = (from: number, to: number) =>
    records(from, to).map((one) => ({ ...one, text: record().text }));
  const stages = stagesOf({ burial: burial() });
  await processBatch(batchOf([...records(0, 20), ...good(20, 30), ...records(30, 40)]), stages, never);
  await processBatch(batchOf(good(40, 50)), stages, never);
  await processBatch(batchOf(records(50, 60)), stages, never);
  await processBatch(batchOf(records(60, 70)), stages, never);
  expect((await letters()).rest[0]?.rest).toEqual({
    count: 40,
    last: 690,
    spans: [
      [
        [100, 0],
        [190, 0],
      ],
      [
        [300, 0],
        [390, 0],
      ],
      [
        [500, 0],
        [690, 0],
      ],
    ],
  });
});

it('batches in flight at the same time count in reading order', async () => {
  const records = object();
  const batches = [0, 1, 2, 3].map((n) => batchOf([...records(n * 50, n * 50 + 50), record()]));
  const source: Source = {
    async *read() {
      yield* batches;
    },
    progress: () => new Map(),
  };
  let writes = 0;
  const sink = sinkOf(async (documents) => {
    // The first takes longest.
    await sleep(40 - 10 * writes++);
    return documents.map(() => ({ fate: 'delivered' }));
  });
  const stages = stagesOf({ burial: burial(), sink });
  const end = await runPass({ source, stages, concurrency: 4, stop: never, abort: never, acked() {} });
  expect(end).toMatchObject({ unacked: 0 });
  const { own, rest } = await letters();
  expect([own.length, rest[0]?.rest?.count]).toEqual([10, 190]);
});

it('a fault of the whole object gets its own letter, whatever came before', async () => {
  const records = object();
  const [end] = records(0, 1);
  if (end === undefined) throw new Error('one was made');
  const whole = { code: 'object_unreadable', reason: 'damaged', whole: true } as const;
  const batch = batchOf([...records(0, 50), { ...end, text: '', fault: whole }]);
  await processBatch(batch, stagesOf({ burial: burial() }), never);
  const { own, rest } = await letters();
  expect(own.map(({ code }) => code).sort()).toEqual([
    ...Array.from({ length: 10 }, () => 'invalid_json'),
    'object_unreadable',
  ]);
  expect(rest[0]?.rest?.count).toBe(40);
});

it('rows of the API cannot be read again: each keeps its letter, and counts toward the limit of a run', async () => {
  const origin = { source: 'api', uri: '/rows', rows: true as const };
  const rows = Array.from({ length: 50 }, (_, n) => record({ text: `{"n":${n}}`, origin, offset: 0 }));
  const run = burial();
  await processBatch(batchOf(rows), stagesOf({ burial: run }), never);
  const { own, rest } = await letters();
  expect([own.length, rest.length]).toEqual([50, 0]);
  expect(() => run.check()).toThrow(UnavailableError);
});

itInFull(
  'stops the run when more than a hundred objects are like that; their letters are written and their batch is acked',
  async () => {
    const batches: Batch[] = [];
    let acked = 0;
    for (let n = 0; n < 150; n += 1) {
      batches.push(batchOf(object(`/in/${n}`)(0, 12), () => void (acked += 1)));
    }
    const source: Source = {
      async *read(stop) {
        for (const batch of batches) {
          if (stop.aborted) return;
          yield batch;
        }
      },
      progress: () => new Map(),
    };
    const stages = stagesOf({ burial: burial() });
    const end = await runPass({ source, stages, concurrency: 2, stop: never, abort: never, acked() {} });
    expect(end.error).toBeInstanceOf(UnavailableError);
    expect(String(end.error)).toContain('101 objects');
    expect(acked).toBe(101);
    expect((await letters()).rest).toHaveLength(101);
  },
);
