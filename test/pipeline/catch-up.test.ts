import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Batch, Outcome, Source, SourceRecord } from '../../src/contracts/types.ts';
import { createBurial } from '../../src/letters/burial.ts';
import { openDeadLetters } from '../../src/letters/dead-letters.ts';
import type { DeadLetter } from '../../src/letters/letter.ts';
import { catchUp } from '../../src/pipeline/catch-up.ts';
import { type Stages } from '../../src/pipeline/stages.ts';
import type { Ends } from '../../src/session/ends.ts';
import type { Memory } from '../../src/session/memory.ts';
import { openCheckpoint } from '../../src/state/checkpoint.ts';
import { createFileStore } from '../../src/state/file.ts';
import type { Store } from '../../src/state/store.ts';
import { payloadOf } from '../detections/harness.ts';
import { draws } from '../full.ts';
import { silent, testContext } from '../state/context.ts';
import { batchOf, documentOf, never, sinkOf, stagesOf } from './harness.ts';

const PART = 'done';

/** Batches by number; the numbers that are done are saved in one part. */
function memorySource(texts: readonly (readonly string[])[], saved: Buffer | undefined): Source {
  const done = new Set<number>(saved === undefined ? [] : (JSON.parse(saved.toString()) as number[]));
  let changed = false;
  return {
    async *read(stop): AsyncGenerator<Batch> {
      for (const [at, batch] of texts.entries()) {
        if (stop.aborted) return;
        if (done.has(at)) continue;
        const records = batch.map(
          (text, offset): SourceRecord => ({
            text,
            origin: { source: 'file', uri: `/${at}`, version: '1' },
            offset,
          }),
        );
        yield batchOf(records, () => {
          done.add(at);
          changed = true;
        });
      }
    },
    progress() {
      if (!changed) return new Map();
      changed = false;
      return new Map([[PART, Buffer.from(JSON.stringify([...done]))]]);
    },
  };
}

/** The contents of the destination, and how many writes or saves are left before the process is killed. */
interface World {
  readonly stored: Set<string>;
  left: number;
}

class Killed extends Error {}

/** One step closer to the kill. The last step is done, but its result never returns. */
async function step<T>(world: World, deed: () => Promise<T>): Promise<T> {
  world.left -= 1;
  if (world.left < 0) throw new Killed();
  const result = await deed();
  if (world.left === 0) throw new Killed();
  return result;
}

function mortal(store: Store, world: World): Store {
  return { ...store, put: (...args) => step(world, () => store.put(...args)) };
}

type Opened = Ends & Pick<Memory, 'checkpoint'>;

async function open(store: Store, world: World, texts: readonly (readonly string[])[]): Promise<Opened> {
  const fingerprints = { identity: 'event_id', source: 's', sink: 'd' };
  const checkpoint = await openCheckpoint(store, 'run', fingerprints, silent);
  const sink = sinkOf((documents) =>
    step(world, async () => {
      await turn();
      return documents.map(({ uid }): Outcome => {
        if (uid.startsWith('bad')) return { fate: 'rejected', reason: 'bad' };
        if (uid.startsWith('drop')) return { fate: 'filtered', by: 'dropped_by_pipeline' };
        if (world.stored.has(uid)) return { fate: 'duplicate' };
        world.stored.add(uid);
        return { fate: 'delivered' };
      });
    }),
  );
  return {
    checkpoint,
    source: memorySource(texts, await checkpoint.part(PART)),
    sink,
    askRun: undefined,
    deadLetters: openDeadLetters(store),
  };
}

/** A run as the program does it. Throws if it is killed before it starts. */
async function run(store: Store, world: World, texts: readonly (readonly string[])[], over = {}) {
  const opened = await open(store, world, texts);
  const burial = createBurial({
    deadLetters: opened.deadLetters,
    log: silent,
    maxPerRun: Number.POSITIVE_INFINITY,
  });
  const map: Stages['map'] = ({ event_id: id = '' }) => [documentOf(id)];
  const stages = stagesOf({ sink: opened.sink, burial, map });
  const signals = { stop: never, abort: never, giveUp: () => undefined, dispose: () => undefined };
  const end = await catchUp({
    source: opened.source,
    checkpoint: opened.checkpoint,
    counts: new Map(),
    stages,
    signals,
    concurrency: 3,
    saveIntervalMs: 0,
    last: true,
    ...over,
  });
  return { end, unclean: opened.checkpoint.uncleanRuns };
}

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'catch-up-'));
  try {
    return await work(await createFileStore({ type: 'file', path: folder }, testContext()));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const textOf = (uid: string): string => JSON.stringify(payloadOf('Reverse-Shell', { event_id: uid }));
const immortal = (): World => ({ stored: new Set(), left: Number.POSITIVE_INFINITY });

describe('killed at random moments and restarted until done', () => {
  it('nothing is lost, the totals add up, and each dead letter exists once', async () => {
    const kinds = fc.constantFrom('ok', 'ok', 'ok', 'bad', 'drop', 'broken');
    const content = fc.array(fc.array(kinds, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    const kills = fc.array(fc.integer({ min: 1, max: 14 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(content, kills, fc.boolean(), (batches, lives, rarely) =>
        withStore(async (store) => {
          let made = 0;
          const uids: string[] = [];
          const texts = batches.map((batch) =>
            batch.map((kind) => {
              made += 1;
              if (kind === 'broken') return `broken ${made}`;
              uids.push(`${kind}${made}`);
              return textOf(`${kind}${made}`);
            }),
          );
          const world: World = immortal();
          const over = { saveIntervalMs: rarely ? 60_000 : 0 };
          for (const left of lives) {
            world.left = left;
            await run(mortal(store, world), world, texts, over).catch((error: unknown) => {
              if (!(error instanceof Killed)) throw error;
            });
          }
          world.left = Number.POSITIVE_INFINITY;
          const { end } = await run(mortal(store, world), world, texts, over);
          expect(end.error).toBeUndefined();

          const of = (kind: string): string[] => uids.filter((uid) => uid.startsWith(kind));
          expect([...world.stored].sort()).toEqual(of('ok').sort());
          const letters = new Map<string, DeadLetter>();
          for await (const file of openDeadLetters(store).files())
            for (const letter of file.letters) letters.set(letter.id, letter);
          const dead = of('bad').length + made - uids.length;
          expect(letters.size).toBe(dead);
          const { read = 0, delivered = 0, duplicate = 0, dead_lettered, filtered } = end.totals;
          expect(read).toBe(made);
          expect(delivered + duplicate).toBe(of('ok').length);
          expect([dead_lettered ?? 0, filtered ?? 0]).toEqual([dead, of('drop').length]);
          expect(end.clean).toBe(true);
        }),
      ),
      { numRuns: draws(40) },
    );
  });
});

describe('the checkpoint', () => {
  const texts = [[textOf('a')], [textOf('b')], [textOf('c')]];

  it('is not clean after a failure, and is clean after a pass that settled everything', () =>
    withStore(async (store) => {
      const world: World = { ...immortal(), left: 2 };
      const first = await run(store, world, texts).catch(() => undefined);
      expect(first?.end.clean).toBe(false);
      expect(first?.end.unacked).toBeGreaterThan(0);
      world.left = Number.POSITIVE_INFINITY;
      const second = await run(store, world, texts);
      expect([second.unclean, second.end.clean]).toEqual([1, true]);
      expect((await run(store, world, texts)).unclean).toBe(0);
    }));

  it('stays open between the passes of --follow, and is clean when a signal ends one', () =>
    withStore(async (store) => {
      expect((await run(store, immortal(), texts, { last: false })).end.clean).toBe(false);
      const stopped = {
        stop: AbortSignal.abort(),
        abort: never,
        giveUp: () => undefined,
        dispose: () => undefined,
      };
      const { end } = await run(store, immortal(), texts, { last: false, signals: stopped });
      expect([end.clean, end.tally.read]).toEqual([true, 0]);
      expect((await run(store, immortal(), texts)).unclean).toBe(0);
    }));

  it('is saved at most once per interval, and once at the end', () =>
    withStore(async (store) => {
      let saves = 0;
      const counting: Store = {
        ...store,
        put: (...args) => {
          if (args[0].endsWith('head.json')) saves += 1;
          return store.put(...args);
        },
      };
      const many = Array.from({ length: 20 }, (_, at) => [textOf(`x${at}`)]);
      await run(counting, immortal(), many, { saveIntervalMs: 60_000 });
      // The first and the last.
      expect(saves).toBe(2);
      saves = 0;
      const more = [...many, ...many.map((_, at) => [textOf(`y${at}`)])];
      await run(counting, immortal(), more, { saveIntervalMs: 0 });
      expect(saves).toBe(22);
    }));

  it('gets what a complete pass adds, and not what a failed one would add', () =>
    withStore(async (store) => {
      const closing = () => new Map([['finished', Buffer.from('yes')]]);
      const world: World = { ...immortal(), left: 2 };
      await run(store, world, texts, { closing });
      const looked = await open(store, immortal(), texts);
      expect(await looked.checkpoint.part('finished')).toBeUndefined();
      world.left = Number.POSITIVE_INFINITY;
      await run(store, world, texts, { closing });
      const again = await open(store, immortal(), texts);
      expect((await again.checkpoint.part('finished'))?.toString()).toBe('yes');
    }));
});
