import type { InHand } from './in-hand.ts';
import type { ObjectRef } from './object.ts';
import { waitFor } from './waiting.ts';

/** Objects named in one go: a write of the state for so many reads costs little beside them. */
const GROUP = 256;
/** Objects in hand at most: after a death each of them is read alone. */
const MAX_IN_HAND = 4_096;
/** A group is not waited for any longer when its listing is slow. */
const PAUSE_MS = 50;
/** How often a full hand is looked at. */
const LOOK_MS = 20;

/** Each object behind the write that names it. The next group is gathered and named while one is being read. */
export async function* named(
  refs: AsyncIterable<ObjectRef>,
  inHand: InHand,
  stop: AbortSignal,
): AsyncGenerator<ObjectRef, void, undefined> {
  const listing = refs[Symbol.asyncIterator]();
  let pulling: Promise<IteratorResult<ObjectRef, unknown>> | undefined;
  let listed = false;

  const gather = async (): Promise<readonly ObjectRef[]> => {
    while (inHand.size > MAX_IN_HAND - GROUP && !stop.aborted) {
      // Whoever reads gives out what is pending meanwhile, so that it is settled.
      await waitFor(new Promise<never>(() => undefined), stop, LOOK_MS);
    }
    const group: ObjectRef[] = [];
    while (group.length < GROUP) {
      pulling ??= listing.next();
      const waited = await waitFor(pulling, stop, group.length > 0 ? PAUSE_MS : undefined);
      if (waited === 'aborted') return [];
      if (waited === 'paused') break;
      pulling = undefined;
      if (waited.value.done) {
        listed = true;
        break;
      }
      group.push(waited.value.value);
    }
    if (group.length > 0) await inHand.take(group);
    return group;
  };

  try {
    let next = gather();
    for (;;) {
      const group = await next;
      if (group.length === 0) return;
      next = listed ? Promise.resolve([]) : gather();
      // Awaited when its turn comes; until then a failure is nobody's.
      next.catch(() => undefined);
      yield* group;
    }
  } finally {
    void listing.return?.(undefined)?.catch(() => undefined);
  }
}
