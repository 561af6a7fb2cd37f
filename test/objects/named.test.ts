import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { createInHand } from '../../src/objects/in-hand.ts';
import { named } from '../../src/objects/named.ts';
import type { ObjectRef } from '../../src/objects/object.ts';

const never = new AbortController().signal;

async function* listing(count: number, waits: (at: number) => number): AsyncGenerator<ObjectRef> {
  for (let at = 0; at < count; at += 1) {
    const wait = waits(at);
    if (wait > 0) await sleep(wait);
    yield { uri: `mem:${at}`, key: `${at}`, version: '', size: 1, modified: 0 };
  }
}

it.each([
  ['immediately', 1_000, () => 0],
  ['in whole groups', 512, () => 0],
  ['not at all', 0, () => 0],
  ['with long waits', 6, () => 120],
  [
    'with a wait before a group is full, and many after it',
    900,
    (at: number) => (at % 300 === 100 ? 120 : 0),
  ],
  ['with a wait before the end', 257, (at: number) => (at === 256 ? 200 : 0)],
])(
  'yields every object once and in order, after it was recorded as in hand: a listing that comes %s',
  async (_, count, waits) => {
    let notes = 0;
    const hand = createInHand({
      saved: undefined,
      note: async () => {
        notes += 1;
      },
      pointOf: () => undefined,
    });
    const keys: string[] = [];
    for await (const ref of named(listing(count, waits), hand, never)) {
      keys.push(ref.key);
      expect(hand.size).toBeGreaterThanOrEqual(1);
      // Sometimes slower than the listing.
      if (keys.length % 200 === 0) await sleep(150);
      hand.settle({ done: [ref], missed: [], failed: [] });
    }
    expect(keys).toEqual(Array.from({ length: count }, (__, at) => `${at}`));
    expect(notes).toBeLessThanOrEqual(count);
  },
);
