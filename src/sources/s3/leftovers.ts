import * as z from 'zod';
import { leaveAt } from '../../objects/half-read.ts';
import { type Attempts, objectId } from '../../objects/identity.ts';
import type { ObjectRef, ResumePoint } from '../../objects/object.ts';

/** As stored in the checkpoint. */
export const leftoversPart = {
  failing: z.array(
    z.strictObject({
      key: z.string(),
      version: z.string(),
      modified: z.iso.datetime(),
      runs: z.int().positive(),
      reason: z.string(),
    }),
  ),
  half_read: z.array(
    z.strictObject({
      key: z.string(),
      version: z.string(),
      records: z.int().nonnegative(),
      offset: z.int().nonnegative().optional(),
      reached: z.int().nonnegative().optional(),
      inArray: z.literal(true).optional(),
    }),
  ),
};
export type LeftoversPart = z.output<z.ZodObject<typeof leftoversPart>>;

/** What earlier runs could not finish: failing objects, and objects that were only partly read. */
export interface Leftovers {
  /** The number of runs in which each object failed, by `objectId`. */
  readonly attempts: ReadonlyMap<string, number>;
  /** Whether this version failed before. A new version of the key resets the count. */
  failedBefore(ref: ObjectRef): boolean;
  fail(ref: ObjectRef, reason: string): void;
  /** Recorded as one that failed, but without a further failure. */
  putOff(ref: ObjectRef, reason: string): void;
  /** It was read, or is gone, or was given up. */
  clear(ref: ObjectRef): void;
  leave(point: ResumePoint): void;
  pointIn(place: Pick<ObjectRef, 'key' | 'version'>): ResumePoint | undefined;
  /** After a complete listing: objects that were not seen are gone, and no other object is half-read. */
  forgetUnseen(seen: ReadonlySet<string>): void;
  /** LastModified of the oldest failing object. */
  readonly oldest: number;
  readonly failing: number;
  part(): LeftoversPart;
}

export function createLeftovers(stored?: LeftoversPart): Leftovers {
  const failing = new Map(
    stored?.failing.map((entry) => [entry.key, { ...entry, modified: Date.parse(entry.modified) }]),
  );
  const attempts: Attempts = new Map([...failing.values()].map((entry) => [objectId(entry), entry.runs]));
  const drop = (key: string): void => {
    const entry = failing.get(key);
    if (entry === undefined) return;
    attempts.delete(objectId(entry));
    failing.delete(key);
  };
  const halfRead = new Map<string, ResumePoint>(
    stored?.half_read.map(({ key, version, records, offset, reached, inArray }) => [
      key,
      {
        key,
        version,
        records,
        ...(offset !== undefined && { offset }),
        ...(reached !== undefined && { reached }),
        ...(inArray && { inArray }),
      },
    ]),
  );
  return {
    attempts,
    failedBefore(ref) {
      const entry = failing.get(ref.key);
      if (entry === undefined) return false;
      if (entry.version === ref.version) return true;
      drop(ref.key);
      return false;
    },
    fail({ key, version, modified }, reason) {
      const id = objectId({ key, version });
      const runs = (attempts.get(id) ?? 0) + 1;
      attempts.set(id, runs);
      failing.set(key, { key, version, modified, runs, reason });
    },
    putOff({ key, version, modified }, reason) {
      const runs = Math.max(1, attempts.get(objectId({ key, version })) ?? 0);
      failing.set(key, { key, version, modified, runs, reason });
    },
    clear({ key }) {
      drop(key);
      halfRead.delete(key);
    },
    leave: (point) => leaveAt(halfRead, point),
    pointIn({ key, version }) {
      const point = halfRead.get(key);
      return point?.version === version ? point : undefined;
    },
    forgetUnseen(seen) {
      for (const key of failing.keys()) if (!seen.has(key)) drop(key);
      for (const key of halfRead.keys()) if (!failing.has(key)) halfRead.delete(key);
    },
    get oldest() {
      let oldest = Number.POSITIVE_INFINITY;
      for (const { modified } of failing.values()) oldest = Math.min(oldest, modified);
      return oldest;
    },
    get failing() {
      return failing.size;
    },
    part: () => ({
      failing: [...failing.values()].map((entry) => ({
        ...entry,
        modified: new Date(entry.modified).toISOString(),
      })),
      half_read: [...halfRead.values()],
    }),
  };
}
