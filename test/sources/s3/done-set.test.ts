import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { createDoneSet, readDoneSet } from '../../../src/sources/s3/done-set.ts';
import { leastCpuMs } from '../../cost.ts';
import { itInFull } from '../../full.ts';

const id = (n: number): string => createHash('md5').update(String(n)).digest().toString('latin1');

it('refuses data that is not its part', () => {
  expect(readDoneSet(Buffer.alloc(0))).toBeUndefined();
  expect(readDoneSet(Buffer.alloc(32))).toBeUndefined();
  expect(readDoneSet(Buffer.concat([createDoneSet().bytes(), Buffer.alloc(5)]))).toBeUndefined();
});

it('contains each added entry once, after many merges and a save', () => {
  const set = createDoneSet();
  for (let n = 0; n < 30_000; n += 2) set.add(id(n));
  for (let n = 0; n < 30_000; n += 6) set.add(id(n));
  expect(set.size).toBe(15_000);
  const part = set.bytes();
  expect(part.length).toBe(16 * 15_001);
  const again = readDoneSet(part);
  const all = Array.from({ length: 30_000 }, (_, n) => n);
  expect(all.filter((n) => again?.has(id(n)) !== (n % 2 === 0))).toEqual([]);
  set.add(id(1));
  expect(readDoneSet(part)?.has(id(1))).toBe(false);
  expect(readDoneSet(set.bytes())?.has(id(1))).toBe(true);
});

itInFull('two million entries take 32 MB, and a look-up does not scan them', async () => {
  const lookUps = (count: number) => {
    const entries = Buffer.alloc(16 * count);
    for (let n = 0; n < count; n += 1) entries.writeUIntBE(n * 140_000_000, n * 16, 6);
    const part = Buffer.concat([createDoneSet().bytes(), entries]);
    const set = readDoneSet(part);
    if (set === undefined) throw new Error('no part');
    expect([set.size, part.length]).toEqual([count, 16 * (count + 1)]);
    const ids = Array.from({ length: 20_000 }, (_, n) => {
      const at = 16 * ((n * 7_919) % count);
      return entries.toString('latin1', at, at + 16);
    });
    return () => expect(ids.every((entry) => set.has(entry))).toBe(true);
  };
  const few = await leastCpuMs(lookUps(2_000));
  const many = await leastCpuMs(lookUps(2_000_000));
  // A thousand times as many entries: a scan would cost a thousand times as much.
  expect(many).toBeLessThan(100 * Math.max(few, 1));
});
