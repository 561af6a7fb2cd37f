import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ConfigError } from '../../../src/contracts/errors.ts';
import { STATUSES } from '../../../src/sources/api/kinds.ts';
import { createMemory, type RowState } from '../../../src/sources/api/memory.ts';

const hash = (bytes: number, value: unknown) =>
  createHash('sha256').update(String(value)).digest().toString('latin1', 0, bytes);

const state = (n: number): RowState => ({
  occurrence: hash(6, n),
  status: STATUSES[n % 3] ?? 'new',
  counter: n % 0x10000,
});

describe('memory of rows', () => {
  it('refuses bytes that are not its own', () => {
    expect(() => createMemory(Buffer.from('{"rows":[]}'))).toThrow(ConfigError);
    expect(() => createMemory(Buffer.concat([Buffer.from('SSR1'), Buffer.alloc(18)]))).toThrow(ConfigError);
  });

  it('unpacks what it packed: 17 bytes per row, sorted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(300), fc.nat(70_000)), { maxLength: 400 }),
        fc.nat(399),
        (pairs, cut) => {
          const memory = createMemory(undefined);
          const expected = new Map<string, RowState>();
          let second = memory;
          for (const [index, [key, value]] of pairs.entries()) {
            if (index === cut) second = createMemory(second.save());
            second.remember([{ key: hash(8, key), state: state(value) }]);
            expected.set(hash(8, key), state(value));
          }
          const packed = second.save();
          const loaded = createMemory(packed);
          for (const [key, value] of expected) expect(loaded.see(key)).toEqual(value);
          expect(loaded.see(hash(8, 'nobody'))).toBeUndefined();
          expect(loaded.size()).toBe(expected.size);
          if (packed === undefined) return;
          expect(packed.length).toBe(4 + 17 * expected.size);
          const keys = Array.from({ length: expected.size }, (_, n) =>
            packed.subarray(4 + n * 17, 12 + n * 17),
          );
          expect(keys).toEqual(keys.toSorted((a, b) => Buffer.compare(a, b)));
        },
      ),
    );
  });

  it('holds a proposal until it is settled, and forgets it with the next sweep', () => {
    const memory = createMemory(undefined);
    const key = hash(8, 'a');
    memory.propose({ key, state: state(1) });
    expect(memory.see(key)).toEqual(state(1));
    expect(memory.save()).toBeUndefined();
    memory.begin();
    expect(memory.see(key)).toBeUndefined();
  });

  it('an earlier ack does not undo a later proposal', () => {
    const memory = createMemory(undefined);
    const key = hash(8, 'a');
    const [first, second] = [state(1), state(2)];
    memory.propose({ key, state: first });
    memory.propose({ key, state: second });
    memory.remember([{ key, state: first }]);
    expect(memory.see(key)).toEqual(second);
    memory.remember([{ key, state: second }]);
    expect(memory.waiting()).toBe(false);
    expect(createMemory(memory.save()).see(key)).toEqual(second);
  });

  it('reports no change when nothing changed', () => {
    const memory = createMemory(undefined);
    memory.remember([{ key: hash(8, 'a'), state: state(1) }]);
    const bytes = memory.save();
    const loaded = createMemory(bytes);
    loaded.begin();
    loaded.see(hash(8, 'a'));
    loaded.prune();
    expect(loaded.save()).toBeUndefined();
  });
});
