import type { ObjectRef } from '../../objects/object.ts';
import type { Leftovers } from './leftovers.ts';
import type { Listing } from './progress.ts';

/** How both kinds of progress handle an object that was wanted and not read to its end. */
export function noteUnread(
  left: Leftovers,
  seen: Set<string>,
  markDone: (ref: ObjectRef) => void,
): Pick<Listing, 'failed' | 'putOff' | 'missed' | 'left'> {
  return {
    failed(ref, reason) {
      seen.add(ref.key);
      left.fail(ref, reason);
      markDone(ref);
    },
    putOff(ref, reason) {
      seen.add(ref.key);
      left.putOff(ref, reason);
      markDone(ref);
    },
    missed(ref) {
      left.clear(ref);
      markDone(ref);
    },
    left: (point) => left.leave(point),
  };
}
