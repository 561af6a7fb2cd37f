import { describe, expect, it } from '@jest/globals';
import { objectId } from '../../src/objects/identity.ts';
import { createInHand, decodeInHand, IN_HAND_PART } from '../../src/objects/in-hand.ts';
import type { Chunk, ObjectRef, ResumePoint } from '../../src/objects/object.ts';
import { oneAtATime } from '../../src/objects/one-at-a-time.ts';
import { sized } from '../full.ts';
import { testContext } from './harness.ts';

const refOf = (key: string): ObjectRef => ({ uri: `mem:${key}`, key, version: 'v1', size: 1, modified: 0 });

/** A checkpoint in memory, and runs over a few objects that end as the test says. */
function world(keys: readonly string[]) {
  let part: Buffer | undefined;
  const done = new Set<string>();
  const points = new Map<string, ResumePoint>();
  const opened: string[][] = [];
  const letters: string[] = [];
  const putOff: string[] = [];

  /** `dies` is asked before each chunk and after it is settled; true: the run stops there without a trace. */
  async function run(
    options: {
      readonly dies?: (key: string, when: 'opened' | 'settled') => boolean;
      readonly stop?: AbortController;
      /** The listing fails after the last object. */
      readonly breaks?: boolean;
      /** Resume points that an object passes before it is done. */
      readonly steps?: (key: string) => readonly ResumePoint[];
    } = {},
  ): Promise<'died' | 'ended'> {
    const { dies = () => false, stop = new AbortController(), steps = () => [] } = options;
    const { log, meter } = testContext();
    const hand = createInHand({
      saved: part,
      note: async (name, bytes) => {
        expect(name).toBe(IN_HAND_PART);
        part = bytes;
      },
      pointOf: ({ key }) => points.get(key),
    });
    const named = (ref: ObjectRef): boolean => {
      return part !== undefined && decodeInHand(part).ids.includes(objectId(ref));
    };
    const now: string[] = [];
    opened.push(now);
    async function* listing(): AsyncGenerator<ObjectRef> {
      for (const key of keys) if (!done.has(key)) yield refOf(key);
      if (options.breaks) throw new Error('the listing broke off');
    }
    async function* read(
      refs: AsyncIterable<ObjectRef>,
      entered?: () => Promise<void>,
    ): AsyncGenerator<Chunk> {
      for await (const ref of refs) {
        expect(named(ref)).toBe(true);
        now.push(ref.key);
        const empty = { records: [], bytes: 0, failed: [], missed: [] };
        for (const resume of steps(ref.key)) yield { ...empty, done: [], resume };
        await entered?.();
        yield { ...empty, done: [ref] };
      }
    }
    const custody = oneAtATime(listing(), {
      source: 'file',
      read,
      inHand: hand,
      resume: ({ key }) => points.get(key),
      putOff: ({ key }) => void putOff.push(key),
      stop: stop.signal,
      log,
      meter,
    });
    for await (const chunk of custody.chunks) {
      const key = chunk.done[0]?.key ?? chunk.resume?.key ?? '';
      if (chunk.records.length > 0)
        letters.push(...chunk.records.map(({ fault }) => `${key} ${fault?.code}`));
      else if (dies(key, 'opened')) return 'died';
      for (const ref of chunk.done) done.add(ref.key);
      for (const ref of chunk.done) points.delete(ref.key);
      if (chunk.resume) points.set(chunk.resume.key, chunk.resume);
      custody.settle(chunk);
      if (dies(key, 'settled')) return 'died';
    }
    hand.ended();
    for (const bytes of hand.changes().values()) part = bytes ?? undefined;
    return 'ended';
  }
  return { run, opened, letters, putOff, done, part: () => part };
}

const over = (name: string) => ({
  dies: (key: string, when: 'opened' | 'settled') => key === name && when === 'opened',
});

describe('objects in hand when a run died', () => {
  it('are read one at a time, the one that kills last, which becomes a letter after three deaths alone', async () => {
    const { run, opened, letters, putOff, done, part } = world(['a', 'b', 'c', 'd']);
    expect(await run(over('b'))).toBe('died');
    expect(await run(over('b'))).toBe('died');
    expect(opened[1]).toEqual(['b']);
    expect(await run(over('b'))).toBe('died');
    expect(opened[2]).toEqual(['c', 'd', 'b']);
    expect(putOff).toEqual(['b']);
    expect(await run(over('b'))).toBe('died');
    expect(letters).toEqual([]);
    expect(await run(over('b'))).toBe('ended');
    expect(letters).toEqual(['b killed_process']);
    expect([...done].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(part()).toBeUndefined();
  });

  it('are not suspects after a run that ended in order, however it ended', async () => {
    const stop = new AbortController();
    const { run, part } = world(['a', 'b', 'c']);
    const dies = (key: string): boolean => {
      if (key === 'b') stop.abort();
      return false;
    };
    expect(await run({ stop, dies })).toBe('ended');
    expect(part()).toBeUndefined();
  });

  it('count no death after which the object had moved on', async () => {
    const { run, letters, done } = world(['a']);
    let records = 0;
    const steps = (key: string): ResumePoint[] => [
      { key, version: 'v1', records: (records += 1), offset: records },
    ];
    for (let death = 0; death < 12; death += 1) {
      expect(await run({ steps, dies: (_, when) => when === 'settled' && !done.has('a') })).toBe('died');
    }
    expect(letters).toEqual([]);
  });

  it('count no death after a request to stop', async () => {
    const { run, letters } = world(['a']);
    expect(await run(over('a'))).toBe('died');
    for (let death = 0; death < 6; death += 1) {
      const stop = new AbortController();
      const dies = (): boolean => {
        stop.abort();
        return true;
      };
      expect(await run({ stop, dies })).toBe('died');
    }
    expect(letters).toEqual([]);
    for (let death = 0; death < 3; death += 1) await run(over('a'));
    expect(await run()).toBe('ended');
    expect(letters).toEqual(['a killed_process']);
  });

  it('get more tries if a compressed object has to be inflated again from the start', async () => {
    const { run, letters, done } = world(['a']);
    const first = (key: string): ResumePoint[] => [{ key, version: 'v1', records: 5 }];
    await run({ steps: first, dies: (_, when) => when === 'settled' });
    // Dies before it has read anything new, at random moments.
    const again = (key: string): ResumePoint[] => [{ key, version: 'v1', records: 5 }];
    for (let death = 0; death < 9; death += 1) {
      expect(await run({ steps: again, dies: (_, when) => when === 'opened' })).toBe('died');
      expect(letters).toEqual([]);
    }
    expect(await run()).toBe('ended');
    expect(letters).toEqual([]);
    expect(done.has('a')).toBe(true);
  });

  it('are read to the last one listed when the listing fails, and the failure is reported', async () => {
    const { run, done } = world(['a', 'b', 'c']);
    await run(over('b'));
    await run(over('b'));
    await expect(run({ breaks: true })).rejects.toThrow('broke off');
    expect([...done].sort()).toEqual(['a', 'b', 'c']);
  });

  it('are forgotten when they no longer exist', async () => {
    const keys = ['a', 'b'];
    const { run, part } = world(keys);
    await run(over('b'));
    keys.pop();
    expect(await run()).toBe('ended');
    expect(part()).toBeUndefined();
  });

  it('stay bounded in the state, and are forgotten one by one', async () => {
    const count = sized(20_000, 8_000);
    const last = 0.6 * count;
    const keys = Array.from({ length: count }, (_, at) => `key-${at}`);
    const { run, part, opened } = world(keys);
    await run({ dies: (key) => key === `key-${last}` });
    const { ids } = decodeInHand(part() ?? Buffer.from(''));
    expect(ids.length).toBeLessThanOrEqual(4_096);
    expect(ids).toContain(objectId(refOf(`key-${last}`)));
    expect(await run()).toBe('ended');
    expect(opened[1]?.length).toBe(count - last);
    expect(part()).toBeUndefined();
  });
});
