import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, LeaseError, UnavailableError } from '../../src/contracts/errors.ts';
import { type Checkpoint, openCheckpoint } from '../../src/state/checkpoint.ts';
import { createFileStore } from '../../src/state/file.ts';
import { forgetCheckpoint, readHead } from '../../src/state/head.ts';
import { createS3Store } from '../../src/state/s3.ts';
import { s3StateSchema } from '../../src/state/s3-options.ts';
import type { Store } from '../../src/state/store.ts';
import { silent, testContext } from './context.ts';
import { scriptedS3 } from './scripted-s3.ts';

process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
process.env['AWS_SECRET_ACCESS_KEY'] ??= 'testtest';

const prints = { identity: 'event_id', source: 's3://bucket', sink: 'elasticsearch' };
let root: string;
let store: Store;
let count = 0;
let name = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'checkpoint-'));
  store = await createFileStore({ type: 'file', path: root }, testContext());
});
beforeEach(() => {
  name = `run-${count++}`;
});
afterAll(() => rm(root, { recursive: true, force: true }));

const open = (at = store, fingerprints = prints): Promise<Checkpoint> =>
  openCheckpoint(at, name, fingerprints, silent);
const parts = (entries: Record<string, string | null>): Map<string, Buffer | null> =>
  new Map(Object.entries(entries).map(([part, text]) => [part, text === null ? null : Buffer.from(text)]));

async function content(checkpoint: Checkpoint, at = store): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {};
  const { head } = (await readHead(at, name)) ?? {};
  for (const part of Object.keys(head?.parts ?? {}).sort())
    found[part] = (await checkpoint.part(part))?.toString();
  return found;
}

async function blobs(): Promise<string[]> {
  const found: string[] = [];
  for await (const blob of store.list(`${name}/parts/`)) found.push(blob);
  return found;
}

/** The store of a process that dies (or loses its store) at its nth write from now on. */
function dying(): { store: Store; writes: number; buried: () => Promise<void> } {
  const underWay: Promise<unknown>[] = [];
  const state = {
    writes: Number.POSITIVE_INFINITY,
    store,
    /** Waits until the writes in flight have ended: a dead process writes no more. */
    buried: async () => void (await Promise.allSettled(underWay)),
  };
  state.store = {
    ...store,
    put(...args) {
      if (--state.writes < 0) return Promise.reject(new UnavailableError('gone'));
      const write = store.put(...args);
      underWay.push(write);
      return write;
    },
  };
  return state;
}

describe('a checkpoint', () => {
  it('starts empty, and remembers parts and totals', async () => {
    const first = await open();
    expect(first.uncleanRuns).toBe(0);
    expect(first.totals).toEqual({});
    expect(await first.part('absent')).toBeUndefined();
    await first.save(parts({ 'done/2026-01': 'a', resume: 'r' }), { read: 3 }, { clean: false });
    await first.save(parts({ 'done/2026-02': 'b', resume: null }), { read: 5 }, { clean: true });
    const second = await open();
    expect(second.uncleanRuns).toBe(0);
    expect(second.totals).toEqual({ read: 5 });
    expect(await content(second)).toEqual({ 'done/2026-01': 'a', 'done/2026-02': 'b' });
  });

  it('is unclean after a run that only opened it, and after a save that was not the last', async () => {
    await open();
    const second = await open();
    expect(second.uncleanRuns).toBe(1);
    await second.save(parts({}), {}, { clean: true });
    const third = await open();
    expect(third.uncleanRuns).toBe(0);
    await third.save(parts({}), {}, { clean: false });
    expect((await open()).uncleanRuns).toBe(1);
  });

  it('keeps one blob per part and does not write what did not change', async () => {
    const checkpoint = await open();
    await checkpoint.save(parts({ a: '1', b: '1' }), {}, { clean: false });
    const before = await blobs();
    await checkpoint.save(parts({ a: '1', b: '2' }), {}, { clean: false });
    const after = await blobs();
    expect(after).toHaveLength(2);
    expect(after).toContain(before[0]);
    expect(after).not.toContain(before[1]);
  });

  it('keeps totals and parts of one save together while saves wait for each other', async () => {
    const moments: unknown[] = [];
    const watched: Store = {
      ...store,
      async put(blob, bytes, expected) {
        const version = await store.put(blob, bytes, expected);
        const head = blob.endsWith('head.json') ? (await readHead(store, name))?.head : undefined;
        const entry = head?.parts['a'];
        if (head && entry) moments.push([head.totals, (await store.get(entry.blob))?.bytes.toString()]);
        return version;
      },
    };
    const checkpoint = await open(watched);
    await Promise.all(
      [0, 1, 2, 3, 4].map((n) => checkpoint.save(parts({ a: String(n) }), { n }, { clean: false })),
    );
    expect(moments).toEqual([0, 1, 2, 3, 4].map((n) => [{ n }, String(n)]));
    expect((await open()).totals).toEqual({ n: 4 });
  });
});

describe('a checkpoint whose run dies', () => {
  it.each([0, 1, 2])(
    'at write %d of a save still has the previous state, and removes the rest',
    async (writes) => {
      const process = dying();
      const first = await open(process.store);
      await first.save(parts({ a: 'old', b: 'old' }), { n: 1 }, { clean: false });
      process.writes = writes;
      await expect(first.save(parts({ a: 'new', b: 'new' }), { n: 2 }, { clean: true })).rejects.toThrow(
        'gone',
      );
      await process.buried();
      const second = await open();
      expect(second.uncleanRuns).toBe(1);
      expect(second.totals).toEqual({ n: 1 });
      expect(await content(second)).toEqual({ a: 'old', b: 'old' });
      expect(await blobs()).toHaveLength(2);
    },
  );

  it('adds to the next save what a failed one was given', async () => {
    const process = dying();
    const checkpoint = await open(process.store);
    process.writes = 1;
    await expect(checkpoint.save(parts({ a: 'x', b: 'y' }), { n: 1 }, { clean: false })).rejects.toThrow(
      'gone',
    );
    process.writes = Number.POSITIVE_INFINITY;
    await checkpoint.save(parts({ b: 'z' }), { n: 2 }, { clean: true });
    expect(await content(await open())).toEqual({ a: 'x', b: 'z' });
  });

  it('saves a noted part without saving anything else', async () => {
    const checkpoint = await open();
    await checkpoint.save(parts({ done: 'one' }), { read: 1 }, { clean: false });
    await checkpoint.note('in_hand', Buffer.from('a'));
    const died = await open();
    expect(await content(died)).toEqual({ done: 'one', in_hand: 'a' });
    expect(died.totals).toEqual({ read: 1 });
    expect(died.uncleanRuns).toBe(1);
  });

  it('saves a note with the totals of the last save, and over what a failed save was given', async () => {
    let fails = false;
    const shaky: Store = {
      ...store,
      async put(...args) {
        if (fails) throw new UnavailableError('away');
        return store.put(...args);
      },
    };
    const checkpoint = await open(shaky);
    const saved = checkpoint.save(parts({ done: 'one' }), { read: 1 }, { clean: false });
    await checkpoint.note('in_hand', Buffer.from('a'));
    await saved;
    fails = true;
    await expect(
      checkpoint.save(parts({ done: 'two', in_hand: null }), { read: 2 }, { clean: false }),
    ).rejects.toThrow('away');
    fails = false;
    await checkpoint.note('in_hand', Buffer.from('b'));
    expect(checkpoint.totals).toEqual({ read: 1 });
    expect(await content(checkpoint)).toEqual({ done: 'one', in_hand: 'b' });
    await checkpoint.save(parts({}), { read: 2 }, { clean: false });
    expect(await content(checkpoint)).toEqual({ done: 'two', in_hand: 'b' });
  });

  it('names the part whose blob is gone', async () => {
    const first = await open();
    await first.save(parts({ a: 'x' }), {}, { clean: true });
    for (const blob of await blobs()) await store.remove(blob);
    const second = await open();
    await expect(second.part('a')).rejects.toThrow(/part a of the state .* is missing/);
  });
});

describe('a checkpoint that another run took over', () => {
  it('refuses the save of a run that slept', async () => {
    const stale = await open();
    await stale.save(parts({ a: 'stale' }), { n: 1 }, { clean: false });
    const fresh = await open();
    await fresh.save(parts({ a: 'fresh' }), { n: 2 }, { clean: false });
    await expect(stale.save(parts({ a: 'late' }), { n: 9 }, { clean: true })).rejects.toBeInstanceOf(
      LeaseError,
    );
    await expect(stale.save(parts({}), { n: 9 }, { clean: true })).rejects.toBeInstanceOf(LeaseError);
    await fresh.save(parts({ b: 'more' }), { n: 3 }, { clean: true });
    const next = await open();
    expect(next.totals).toEqual({ n: 3 });
    expect(await content(next)).toEqual({ a: 'fresh', b: 'more' });
  });

  it('lets only one of two through that open together', async () => {
    const results = await Promise.allSettled([open(), open()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a checkpoint for another configuration', () => {
  it('is refused for another version of uids, and says what to do', async () => {
    const first = await open();
    await first.save(new Map(), {}, { clean: true });
    const other = open(store, { ...prints, identity: 'v2:event_id' });
    await expect(other).rejects.toThrow(ConfigError);
    await expect(open(store, { ...prints, identity: 'v2:event_id' })).rejects.toThrow(
      /identity \(was event_id, is v2:event_id\): this version gives the same detections different uids.*state forget.*under the new uids/,
    );
  });

  it.each(['identity', 'source', 'sink'] as const)(
    'is refused, naming the %s and the choices',
    async (key) => {
      await open();
      const other = open(store, { ...prints, [key]: 'other' });
      await expect(other).rejects.toBeInstanceOf(ConfigError);
      await expect(other).rejects.toThrow(`another ${key} (was ${prints[key]}, is other)`);
      await expect(other).rejects.toThrow('state forget');
      await expect(other).rejects.toThrow('another name');
      await forgetCheckpoint(store, name);
      expect((await open(store, { ...prints, [key]: 'other' })).uncleanRuns).toBe(0);
    },
  );

  it('is refused when it is damaged or newer', async () => {
    await store.put(`${name}/head.json`, Buffer.from('{'));
    await expect(open()).rejects.toThrow('damaged');
    await store.put(`${name}/head.json`, Buffer.from('{"format":2}'));
    await expect(open()).rejects.toThrow('has format 2, but this version only knows 1');
  });
});

describe('a checkpoint in S3', () => {
  it('treats a save with a lost reply as saved, and still fences off others', async () => {
    const server = await scriptedS3();
    const options = { type: 's3', bucket: 'state', region: 'us-east-1', force_path_style: true };
    const schema = s3StateSchema.parse({ ...options, endpoint: server.endpoint });
    const bucket = (elapsed: number): Store => createS3Store(schema, testContext(elapsed));
    const first = await open(bucket(1_000));
    server.faults.push({ key: /head/, fault: 'lose-reply' });
    await first.save(parts({ a: '1' }), { n: 1 }, { clean: false });

    // The write succeeded, but every attempt to find out fails: the next save meets its own head.
    const hasty = await open(bucket(0));
    server.faults.push({ key: /head/, fault: 'lose-reply' });
    await expect(hasty.save(parts({ a: '2' }), { n: 2 }, { clean: false })).rejects.toBeInstanceOf(
      UnavailableError,
    );
    await hasty.save(parts({ a: '3' }), { n: 3 }, { clean: true });

    await expect(first.save(parts({ a: '9' }), { n: 9 }, { clean: true })).rejects.toBeInstanceOf(LeaseError);
    const next = await open(bucket(1_000));
    expect(next.uncleanRuns).toBe(0);
    expect(next.totals).toEqual({ n: 3 });
    expect(await content(next, bucket(1_000))).toEqual({ a: '3' });
    await server.close();
  });
});
