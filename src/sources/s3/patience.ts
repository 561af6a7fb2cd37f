import type { Readable } from 'node:stream';
import { PROGRESS_BYTES } from '../../objects/body.ts';
import { type ObjectRef, ObjectUnreadableError } from '../../objects/object.ts';

/** After so many bodies that broke off at the same byte it is worth a request to learn whether it is the object. */
const TRIES = 5;
/** Or after so many that stalled on the way, and brought next to nothing: each was waited for. */
const STALLS = 2;
/** What a probe may read. */
const PROBE_BYTES = 2 ** 20;

interface Tries {
  /** Where the last body began, and how many began there. */
  readonly start: number;
  readonly count: number;
  /** How many stalled since it last came on. */
  readonly stalled: { readonly from: number; count: number };
}

/** Tells an object whose body never comes whole from a network that breaks every body off. For one run. */
export interface Patience {
  /** Throws `ObjectUnreadableError` when it is the object: another one, that came whole before, comes whole again. */
  check(ref: ObjectRef, start: number): Promise<void>;
  opened(ref: ObjectRef, start: number, body: Readable): void;
}

/** `comesWhole` reads an object to its end, and tells whether that worked. */
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
        reason: `its body broke off ${where}, while others come whole`,
      });
    },
    opened(ref, start, body) {
      const last = tries.get(ref);
      const goesOn = last === undefined || start - last.stalled.from >= PROGRESS_BYTES;
      const stalled = goesOn ? { from: start, count: 0 } : last.stalled;
      tries.set(ref, { start, count: last?.start === start ? last.count + 1 : 1, stalled });
      // Not for the first body of each object: a listener costs too much for that.
      if (last !== undefined) {
        body.once('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'REPLY_TIMEOUT') stalled.count += 1;
        });
      }
      if (good !== undefined || start > 0 || ref.size > PROBE_BYTES) return;
      // Node ends a body with an error when it is shorter than its Content-Length.
      body.once('end', () => {
        good ??= ref;
      });
    },
  };
}
