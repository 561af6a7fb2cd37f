import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createUidSet } from '../../src/text/uid-set.ts';
import { itInFull } from '../full.ts';

describe('the set of uids', () => {
  it('gives the same answers as a Set', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 200 }), (uids) => {
        const ours = createUidSet();
        const known = new Set<string>();
        for (const uid of uids) {
          expect(ours.has(uid)).toBe(known.has(uid));
          expect(ours.add(uid)).toBe(!known.has(uid));
          known.add(uid);
        }
        expect(ours.size).toBe(known.size);
      }),
    );
  });

  itInFull('holds two hundred thousand in a few megabytes, and loses none as it grows', () => {
    const before = process.memoryUsage().arrayBuffers;
    const uids = createUidSet();
    for (let at = 0; at < 200_000; at += 1) uids.add(`uid-${at}`);
    expect(uids.size).toBe(200_000);
    for (let at = 0; at < 200_000; at += 1) if (!uids.has(`uid-${at}`)) throw new Error(`lost uid-${at}`);
    expect(uids.has('uid-200000')).toBe(false);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000 * 80);
  });
});
