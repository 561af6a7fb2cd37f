import type { Readable } from 'node:stream';
import { PROGRESS_BYTES } from '../../objects/body.ts';
import { type ObjectRef, ObjectUnreadableError } from '../../objects/object.ts';

/**
 * After this many bodies that broke off at the same byte, a request to find out whether the object is the cause is
 * worthwhile.
 */
const TRIES = 5;
/** Or after this many that stalled and brought next to nothing, since each was waited for. */
const STALLS = 2;
/** The most that a probe may read. */
const PROBE_BYTES = 2 ** 20;

interface Tries {
  /** Where the last body started, and how many started there. */
  readonly start: number;
  readonly count: number;
  /** How many have stalled since the last progress. */
  readonly stalled: { readonly from: number; count: number };
}

/**
 * Distinguishes an object whose body never arrives completely from a network that breaks off every body. For one
 * run.
 */
export interface Patience {
  /**
   * Throws `ObjectUnreadableError` if the object is the cause: another one, which was complete before, is complete
   * again.
   */
  check(ref: ObjectRef, start: number): Promise<void>;
  opened(ref: ObjectRef, start: number, body: Readable): void;
}

/** `comesWhole` reads an object to its end, and returns whether that worked. */
export function createPatience(comesWhole: (ref: ObjectRef) => Promise<boolean>): Patience {
  const tries = new WeakMap<ObjectRef, Tries>();
  let good: ObjectRef | undefined;
  return {
    async check(ref, start) {
      const last = tries.get(ref);
      if (last === undefined) return;
      const stuck = last.start === start && last.count >= TRIES;
      if (!stuck && last.stalled.count < STALLS) return;
      if (good === undefined || good === ref || !(await comesWhole(good))) return;
      const where = stuck
        ? `at byte ${start} in ${last.count} tries`
        : `again and again, last at byte ${start}`;
      throw new ObjectUnreadableError({
        code: 'object_unreadable',
        reason: `its body broke off ${where}, while others arrive completely`,
      });
    },
    opened(ref, start, body) {
      const last = tries.get(ref);
      const goesOn = last === undefined || start - last.stalled.from >= PROGRESS_BYTES;
      const stalled = goesOn ? { from: start, count: 0 } : last.stalled;
      tries.set(ref, { start, count: last?.start === start ? last.count + 1 : 1, stalled });
      // Not for the first body of each object: a listener would cost too much.
      if (last !== undefined) {
        body.once('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'REPLY_TIMEOUT') stalled.count += 1;
        });
      }
      if (good !== undefined || start > 0 || ref.size > PROBE_BYTES) return;
      // Node ends a body with an error if it is shorter than its Content-Length.
      body.once('end', () => {
        good ??= ref;
      });
    },
  };
}
