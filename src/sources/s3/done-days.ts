import { DAY_MS } from '../../contracts/units.ts';
import { objectId } from '../../objects/identity.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { createDoneSet, type DoneSet, readDoneSet } from './done-set.ts';

/**
 * The objects that are done, in one set per UTC day of `LastModified`: a day before the watermark is dropped as a
 * whole.
 */
export interface DoneDays {
  has(ref: ObjectRef): boolean;
  add(ref: ObjectRef): void;
  /** Forgets the days that ended at or before `time`. */
  prune(time: number): void;
  /** Names of the parts that exist, oldest first. */
  names(): string[];
  /** Parts changed since the last call; `null` removes one. */
  changes(): Map<string, Buffer | null>;
  readonly size: number;
}

function nameOf(day: number): string {
  return `done/${new Date(day * DAY_MS).toISOString().slice(0, 10)}`;
}

/** Loads the named parts. A missing or unreadable one counts as empty and is reported to `lost`. */
export async function loadDoneDays(
  names: readonly string[],
  part: (name: string) => Promise<Buffer | undefined>,
  lost: (name: string) => void,
): Promise<DoneDays> {
  const days = new Map<number, DoneSet>();
  for (const name of names) {
    const stored = await part(name);
    const set = stored === undefined ? undefined : readDoneSet(stored);
    if (set === undefined) lost(name);
    else days.set(Date.parse(name.slice('done/'.length)) / DAY_MS, set);
  }
  return doneDays(days);
}

function doneDays(days: Map<number, DoneSet>): DoneDays {
  const changed = new Set<number>();
  const add = (day: number, id: string): void => {
    let set = days.get(day);
    if (set === undefined) {
      set = createDoneSet();
      days.set(day, set);
    }
    set.add(id);
    changed.add(day);
  };
  return {
    has(ref) {
      const day = Math.floor(ref.modified / DAY_MS);
      const id = objectId(ref);
      const own = days.get(day);
      if (own?.has(id)) return true;
      for (const set of days.values()) {
        if (set === own || !set.has(id)) continue;
        // Rewritten with the same content: still done, and remembered as long as its new date requires.
        add(day, id);
        return true;
      }
      return false;
    },
    add(ref) {
      add(Math.floor(ref.modified / DAY_MS), objectId(ref));
    },
    prune(time) {
      for (const day of days.keys()) {
        if ((day + 1) * DAY_MS > time) continue;
        days.delete(day);
        changed.add(day);
      }
    },
    names: () => [...days.keys()].toSorted((a, b) => a - b).map(nameOf),
    changes() {
      const parts = new Map<string, Buffer | null>();
      for (const day of changed) parts.set(nameOf(day), days.get(day)?.bytes() ?? null);
      changed.clear();
      return parts;
    },
    get size() {
      let total = 0;
      for (const set of days.values()) total += set.size;
      return total;
    },
  };
}
