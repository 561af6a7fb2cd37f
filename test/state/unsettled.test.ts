import { describe, expect, it } from '@jest/globals';
import { openCheckpoint } from '../../src/state/checkpoint.ts';
import { readHead } from '../../src/state/head.ts';
import { ConflictError, type Store } from '../../src/state/store.ts';
import { randomOf } from '../bench/generate.ts';
import { silent } from './context.ts';

const PRINTS = { identity: 'v2:event_id', source: 's', sink: 'x' };
const REQUEST = 10;

/** An in-memory store that counts its writes. */
function memory(): Store & { readonly writes: () => number } {
  const blobs = new Map<string, { bytes: Buffer; version: string }>();
  let writes = 0;
  return {
    name: 'memory',
    writes: () => writes,
    get: async (name) => blobs.get(name),
    async put(name, bytes, expect) {
      const found = blobs.get(name)?.version ?? null;
      if (expect !== undefined && expect !== found) throw new ConflictError('moved');
      writes += 1;
      blobs.set(name, { bytes: Buffer.from(bytes), version: String(writes) });
      return String(writes);
    },
    remove: async (name) => void blobs.delete(name),
    async *list(prefix) {
      yield* [...blobs.keys()].filter((name) => name.startsWith(prefix)).sort();
    },
    age: async () => 0,
  };
}

/** The store of a process that can be killed: after that, none of its writes happen. */
function mortal(store: Store): { readonly store: Store; readonly kill: () => void } {
  let dead = false;
  return {
    store: { ...store, put: (...args) => (dead ? new Promise(() => undefined) : store.put(...args)) },
    kill: () => {
      dead = true;
    },
  };
}

const open = (store: Store) => openCheckpoint(store, 'run', PRINTS, silent);
const unsettled = async (store: Store): Promise<number> =>
  (await readHead(store, 'run'))?.head.unsettled ?? -1;

describe('what a run leaves when it is killed', () => {
  it('is never less than what was sent and not saved, and not much more', async () => {
    const random = randomOf(21);
    const store = memory();
    let stored = 0;
    let settled = 0;
    let counted = 0;
    let saved = { counted: 0, settled: 0 };
    const excess: number[] = [];
    for (let run = 0; run < 60; run += 1) {
      const process = mortal(store);
      const checkpoint = await open(process.store);
      let sentNow = 0;
      ({ counted, settled } = saved);
      counted += checkpoint.sending.left;
      for (let requests = 1 + Math.floor(random() * 200); requests > 0; requests -= 1) {
        await checkpoint.sending.announce(REQUEST);
        stored += REQUEST;
        sentNow += REQUEST;
        if (random() < 0.8 && settled < saved.settled + sentNow) {
          settled += REQUEST;
          checkpoint.settle(REQUEST);
        }
        if (random() < 0.1) {
          const now = { counted, settled };
          await checkpoint.save(new Map(), { possibly_duplicated: counted }, { clean: false });
          saved = now;
        }
      }
      process.kill();
      // Anything stored beyond what was saved is a repeat once the next run sends it.
      const repeats = stored - saved.settled;
      const bound = saved.counted + (await unsettled(store));
      expect(bound).toBeGreaterThanOrEqual(repeats);
      excess.push(bound - repeats);
    }
    // Per kill.
    expect((excess.at(-1) ?? 0) / 60).toBeLessThan(60);
  });

  it('is nothing after a clean end, and nothing for a destination that makes no announcements', async () => {
    const store = memory();
    const checkpoint = await open(store);
    await checkpoint.sending.announce(REQUEST);
    checkpoint.settle(REQUEST);
    await checkpoint.save(new Map(), {}, { clean: true });
    expect(await unsettled(store)).toBe(0);
    const silently = await open(store);
    silently.settle(REQUEST);
    await silently.save(new Map(), {}, { clean: false });
    expect(await unsettled(store)).toBe(0);
  });

  it('is kept until it is counted, whether or not runs end cleanly', async () => {
    const store = memory();
    await (await open(store)).sending.announce(REQUEST);
    const left = await unsettled(store);
    expect(left).toBeGreaterThanOrEqual(REQUEST);
    const second = await open(store);
    expect(second.sending.left).toBe(left);
    // It had no time to send anything.
    await second.save(new Map(), {}, { clean: true });
    const third = await open(store);
    expect(third.sending.left).toBe(left);
    await third.save(new Map(), { possibly_duplicated: left }, { clean: true });
    expect((await open(store)).sending.left).toBe(0);
  });

  it('takes few writes', async () => {
    const store = memory();
    const checkpoint = await open(store);
    const before = store.writes();
    for (let request = 0; request < 1_000; request += 1) await checkpoint.sending.announce(REQUEST);
    expect(store.writes() - before).toBeLessThan(40);
  });

  it('says that settled records are read again, until a clean end', async () => {
    const store = memory();
    await (await open(store)).save(new Map(), {}, { clean: false, revisits: true });
    const second = await open(store);
    expect(second.sending.revisits).toBe(true);
    await second.save(new Map(), {}, { clean: false });
    const third = await open(store);
    expect(third.sending.revisits).toBe(true);
    await third.save(new Map(), {}, { clean: true });
    expect((await open(store)).sending.revisits).toBe(false);
  });
});
