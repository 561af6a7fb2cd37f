import { objectId } from '../../objects/identity.ts';
import type { ObjectRef } from '../../objects/object.ts';

/** Two pages of a listing. */
const RECENT = 2_000;

/**
 * Which objects a pass has begun, so that one that a server lists twice is read once: those in hand, those that failed, and
 * the last that were settled. A server may give a page again.
 */
export interface Issued {
  /** False when it was begun before. */
  begin(ref: ObjectRef): boolean;
  settle(ref: ObjectRef): void;
}

export function createIssued(): Issued {
  const open = new Set<string>();
  // A Set keeps the order of insertion, so its first is the oldest.
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
