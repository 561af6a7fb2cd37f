import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ConflictError, type Store } from '../../src/state/store.ts';

async function names(store: Store, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const name of store.list(prefix)) found.push(name);
  return found;
}

/**
 * What every store must do. `open` opens the same place again each time, as a second process would. `granularityMs`:
 * the resolution of the store's clock.
 */
export function storeContract(title: string, open: () => Promise<Store>, granularityMs: number): void {
  describe(`store contract: ${title}`, () => {
    const prefix = `contract-${randomUUID()}`;
    const bytes = (text: string): Buffer => Buffer.from(text);
    let store: Store;
    beforeAll(async () => {
      store = await open();
    });

    it('returns undefined, not an error, for a missing blob', async () => {
      expect(await store.get(`${prefix}/absent`)).toBeUndefined();
      expect(await store.age(`${prefix}/absent`)).toBeUndefined();
      expect(await names(store, `${prefix}/absent`)).toEqual([]);
      await store.remove(`${prefix}/absent`);
    });

    it('refuses a name that would leave its folder or prefix', async () => {
      for (const name of ['../x', '/x', 'a//b', 'a/./b', '', 'a b', 'a/'])
        await expect(store.get(name)).rejects.toThrow('not a valid blob name');
    });

    it('refuses to create what exists, and to replace what is missing or has changed', async () => {
      const name = `${prefix}/fenced`;
      await expect(store.put(name, bytes('x'), 'no-such-version')).rejects.toBeInstanceOf(ConflictError);
      const first = await store.put(name, bytes('one'), null);
      await expect(store.put(name, bytes('two'), null)).rejects.toBeInstanceOf(ConflictError);
      const second = await store.put(name, bytes('two'), first);
      expect(second).not.toBe(first);
      await expect(store.put(name, bytes('three'), first)).rejects.toBeInstanceOf(ConflictError);
      expect(await store.get(name)).toEqual({ bytes: bytes('two'), version: second });
      await store.remove(name);
      await expect(store.put(name, bytes('late'), second)).rejects.toBeInstanceOf(ConflictError);
      await store.put(name, bytes('again'), null);
      expect((await store.get(name))?.bytes.toString()).toBe('again');
    });

    it('overwrites whatever is there when no version is expected', async () => {
      const name = `${prefix}/plain`;
      await store.put(name, bytes('one'));
      const version = await store.put(name, bytes('two'));
      expect(await store.get(name)).toEqual({ bytes: bytes('two'), version });
    });

    it('lets exactly one of many writers create, and one replace', async () => {
      const name = `${prefix}/race`;
      const others = await Promise.all(Array.from({ length: 4 }, open));
      for (const expected of [null, 'current']) {
        const version = expected === null ? null : ((await store.get(name))?.version ?? '');
        const writes = Array.from({ length: 12 }, async (_, index) => {
          const text = bytes(`${expected} ${index}`);
          await (others[index % 4] ?? store).put(name, text, version);
          return text.toString();
        });
        const results = await Promise.allSettled(writes);
        const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
        const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
        expect(won).toHaveLength(1);
        expect(lost.every((reason) => reason instanceof ConflictError)).toBe(true);
        expect((await store.get(name))?.bytes.toString()).toBe(won[0]);
      }
    });

    it('keeps its content when it is opened again', async () => {
      const version = await store.put(`${prefix}/kept`, bytes('kept'));
      expect(await (await open()).get(`${prefix}/kept`)).toEqual({ bytes: bytes('kept'), version });
    });

    it('stores empty and large content', async () => {
      const large = randomBytes(2 ** 20);
      await store.put(`${prefix}/large`, large);
      await store.put(`${prefix}/empty`, Buffer.alloc(0));
      expect((await store.get(`${prefix}/large`))?.bytes.equals(large)).toBe(true);
      expect((await store.get(`${prefix}/empty`))?.bytes).toHaveLength(0);
    });

    it('lists by prefix, sorted, slashes and all', async () => {
      const at = `${prefix}/list`;
      for (const name of ['b/2', 'b/10', 'a/deep/er/x.json', 'B', 'b.x'])
        await store.put(`${at}/${name}`, bytes(name));
      expect(await names(store, `${at}/`)).toEqual(
        ['B', 'a/deep/er/x.json', 'b.x', 'b/10', 'b/2'].map((name) => `${at}/${name}`),
      );
      expect(await names(store, `${at}/b/`)).toEqual([`${at}/b/10`, `${at}/b/2`]);
      expect(await names(store, `${at}/b/1`)).toEqual([`${at}/b/10`]);
      await store.remove(`${at}/b/10`);
      expect(await names(store, `${at}/b`)).toEqual([`${at}/b.x`, `${at}/b/2`]);
    });

    it('reports an age that grows, and drops after a write', async () => {
      const name = `${prefix}/age`;
      const other = `${prefix}/age-of-another`;
      const ageOf = async (which: string): Promise<number> => (await store.age(which)) ?? Number.NaN;
      await store.put(name, bytes('one'));
      await store.put(other, bytes('one'));
      const young = await ageOf(name);
      expect(young).toBeGreaterThanOrEqual(0);
      while ((await ageOf(name)) <= young + granularityMs) await sleep(granularityMs / 10);
      await store.put(name, bytes('two'));
      // Read first, so that a slow machine makes the other age larger, not this one.
      const again = await ageOf(name);
      expect(again).toBeGreaterThanOrEqual(0);
      expect(again).toBeLessThan(await ageOf(other));
    });
  });
}
