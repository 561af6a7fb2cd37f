import type { InHand } from './in-hand.ts';
import type { ObjectRef } from './object.ts';
import { waitFor } from './waiting.ts';

/** Objects named in one write of the state: shared by this many reads, the write costs little. */
const GROUP = 256;
/** The most objects in hand: after a death, each of them is read alone. */
const MAX_IN_HAND = 4_096;
/** If the listing is slow, waiting for a full group ends after this time. */
const PAUSE_MS = 50;
/** How often to check whether there is room in hand. */
const LOOK_MS = 20;

/**
 * Yields each object once the write that names it is done. The next group is gathered and named while one is being
 * read.
 */
export async function* named(
  refs: AsyncIterable<ObjectRef>,
  inHand: InHand,
  stop: AbortSignal,
): AsyncGenerator<ObjectRef, void, undefined> {
  const listing = refs[Symbol.asyncIterator]();
  let gathered: ObjectRef[] = [];
  let filling: Promise<void> | undefined;
  let listed = false;

  /** Continues in the background while a group from a slow listing is read. */
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
      // Meanwhile the reader yields pending chunks, so that they can be settled.
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
      // Awaited in its turn; until then, a failure must not count as an unhandled rejection.
      next.catch(() => undefined);
      yield* group;
    }
  } finally {
    void listing.return?.(undefined)?.catch(() => undefined);
  }
}
