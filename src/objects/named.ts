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

/** Each object, once the write that names it is done. The next group is gathered and named while one is being read. */
export async function* named(
  refs: AsyncIterable<ObjectRef>,
  inHand: InHand,
  stop: AbortSignal,
): AsyncGenerator<ObjectRef, void, undefined> {
  const listing = refs[Symbol.asyncIterator]();
  let gathered: ObjectRef[] = [];
  let filling: Promise<void> | undefined;
  let listed = false;

  /** Goes on while a group that was slow to come is read. */
  const fill = async (): Promise<void> => {
    for (;;) {
      if (gathered.length >= GROUP) break;
      const { value, done } = await listing.next();
      listed = done === true;
      if (done) break;
      gathered.push(value);
    }
    filling = undefined;
  };

  const gather = async (): Promise<readonly ObjectRef[]> => {
    while (inHand.size > MAX_IN_HAND - GROUP && !stop.aborted) {
      // The reader gives out what is pending meanwhile, so that it is settled.
      await waitFor(new Promise<never>(() => undefined), stop, LOOK_MS);
    }
    for (;;) {
      if (listed || gathered.length >= GROUP) break;
      filling ??= fill();
      if ((await waitFor(filling, stop, PAUSE_MS)) === 'aborted') return [];
      if (gathered.length > 0) break;
    }
    const group = gathered;
    gathered = [];
    if (group.length > 0) await inHand.take(group);
    return group;
  };

  try {
    let next = gather();
    for (;;) {
      const group = await next;
      if (group.length === 0) return;
      next = listed && gathered.length === 0 ? Promise.resolve([]) : gather();
      // Awaited when its turn comes; until then a failure is nobody's.
      next.catch(() => undefined);
      yield* group;
    }
  } finally {
    void listing.return?.(undefined)?.catch(() => undefined);
  }
}
