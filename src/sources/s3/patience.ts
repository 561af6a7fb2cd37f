import type { Readable } from 'node:stream';
import { type ObjectRef, ObjectUnreadableError } from '../objects/object.ts';

/** After so many bodies that broke off at the same byte it is worth a request to learn whether it is the object. */
const TRIES = 5;
/** What a probe may read. */
const PROBE_BYTES = 2 ** 20;

/** Tells an object whose body never comes whole from a network that breaks every body off. For one run. */
export interface Patience {
  /** Throws `ObjectUnreadableError` when it is the object: another one, that came whole before, comes whole again. */
  check(ref: ObjectRef, start: number): Promise<void>;
  opened(ref: ObjectRef, start: number, body: Readable): void;
}

/** `comesWhole` reads an object to its end, and tells whether that worked. */
export function createPatience(comesWhole: (ref: ObjectRef) => Promise<boolean>): Patience {
  const tries = new WeakMap<ObjectRef, { readonly start: number; count: number }>();
  let good: ObjectRef | undefined;
  return {
    async check(ref, start) {
      const last = tries.get(ref);
      if (last?.start !== start || last.count < TRIES) return;
      if (good === undefined || good === ref || !(await comesWhole(good))) return;
      throw new ObjectUnreadableError({
        code: 'object_unreadable',
        reason: `its body broke off at byte ${start} in ${last.count} tries, while others come whole`,
      });
    },
    opened(ref, start, body) {
      const last = tries.get(ref);
      if (last?.start === start) last.count += 1;
      else tries.set(ref, { start, count: 1 });
      if (good !== undefined || start > 0 || ref.size > PROBE_BYTES) return;
      // Node ends a body with an error when it is shorter than its Content-Length.
      body.once('end', () => {
        good ??= ref;
      });
    },
  };
}
