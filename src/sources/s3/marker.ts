import type { ObjectRef } from '../../objects/object.ts';
import { compareKeys } from './key-order.ts';

/**
 * How far a listing in key order is settled without a gap, in whatever order its objects are settled. Only holds
 * objects that were issued and are not settled. Not every server lists in key order: if one does not, a key says
 * nothing about what was seen before it, and the marker is not used.
 */
export interface Marker {
  /** Called with every listed key, before the calls below. */
  meet(key: string): void;
  /** Whether an earlier run got past this key. */
  covers(key: string): boolean;
  issue(ref: ObjectRef): void;
  finish(ref: ObjectRef): void;
  readonly ordered: boolean;
  /** The last key of the beginning that has no gap. */
  readonly through: string | undefined;
}

/** A marker that was at `resumed` when the last run ended. */
export function createMarker(resumed?: string): Marker {
  // A Map keeps insertion order, so its first key is the oldest.
  const open = new Map<string, boolean>();
  let through = resumed;
  let last: string | undefined;
  let ordered = true;
  return {
    meet(key) {
      if (last !== undefined && compareKeys(key, last) <= 0) {
        ordered = false;
        through = undefined;
      }
      last = key;
    },
    covers: (key) => ordered && resumed !== undefined && compareKeys(key, resumed) <= 0,
    issue({ key }) {
      open.set(key, false);
    },
    finish({ key }) {
      if (open.has(key)) open.set(key, true);
      for (const [oldest, settled] of open) {
        if (!settled) return;
        open.delete(oldest);
        if (ordered && (through === undefined || compareKeys(oldest, through) > 0)) through = oldest;
      }
    },
    get ordered() {
      return ordered;
    },
    get through() {
      return through;
    },
  };
}
