import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { doneSet, readDoneSet } from '../../../src/sources/s3/done-set.ts';

const id = (n: number): string => createHash('md5').update(String(n)).digest().toString('latin1');

it('refuses what is not its part', () => {
  expect(readDoneSet(Buffer.alloc(0))).toBeUndefined();
  expect(readDoneSet(Buffer.alloc(32))).toBeUndefined();
  expect(readDoneSet(Buffer.concat([doneSet().bytes(), Buffer.alloc(5)]))).toBeUndefined();
});

it('holds what was added, once, over many merges and a save', () => {
  const set = doneSet();
  for (let n = 0; n < 30_000; n += 2) set.add(id(n));
  for (let n = 0; n < 30_000; n += 6) set.add(id(n));
  expect(set.size).toBe(15_000);
  const part = set.bytes();
  expect(part.length).toBe(16 * 15_001);
  const again = readDoneSet(part);
  for (let n = 0; n < 30_000; n += 1) expect(again?.has(id(n))).toBe(n % 2 === 0);
  set.add(id(1));
  expect(readDoneSet(part)?.has(id(1))).toBe(false);
  expect(readDoneSet(set.bytes())?.has(id(1))).toBe(true);
});

it('two million entries take 32 MB, and a look-up microseconds', () => {
  const entries = Buffer.alloc(16 * 2_000_000);
  for (let n = 0; n < 2_000_000; n += 1) entries.writeUIntBE(n * 140_000_000, n * 16, 6);
  const set = readDoneSet(Buffer.concat([doneSet().bytes(), entries]));
  if (set === undefined) throw new Error('no part');
  expect(set.size).toBe(2_000_000);
  const ids = Array.from({ length: 100_000 }, (_, n) => entries.toString('latin1', n * 320, n * 320 + 16));
  const before = process.cpuUsage();
  expect(ids.every((entry) => set.has(entry))).toBe(true);
  // Processor time of this process, however busy the machine is.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
});
