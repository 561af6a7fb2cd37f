import { objectId } from '../../objects/identity.ts';
import type { ObjectRef } from '../../objects/object.ts';

/** Two pages of a listing. */
const RECENT = 2_000;

/**
 * The objects that a pass has started, so that an object listed twice is read once: those in hand, those that
 * failed, and the last ones that were settled. A server may return a page twice.
 */
export interface Issued {
  /** False if it was already started. */
  begin(ref: ObjectRef): boolean;
  settle(ref: ObjectRef): void;
}

export function createIssued(): Issued {
  const open = new Set<string>();
  // A Set keeps insertion order, so its first entry is the oldest.
  const settled = new Set<string>();
  return {
    begin(ref) {
      const id = objectId(ref);
      if (open.has(id) || settled.has(id)) return false;
      open.add(id);
      return true;
    },
    settle(ref) {
      const id = objectId(ref);
      open.delete(id);
      settled.add(id);
      const [oldest] = settled.size > RECENT ? settled : [];
      if (oldest !== undefined) settled.delete(oldest);
    },
  };
}
