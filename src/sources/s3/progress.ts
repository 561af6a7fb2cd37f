import type { ObjectRef, ResumePoint } from '../../objects/object.ts';
import type { Period } from './template.ts';

/** The name of the part that holds everything but the done sets, as JSON. */
export const PROGRESS_PART = 'progress';

/** What a source remembers of a bucket between runs. */
export interface Progress {
  /** Whether there is nothing left to do, ever: a finished backfill. */
  readonly finished: boolean;
  /** The number of runs in which each object failed, by `objectId`. */
  readonly attempts: ReadonlyMap<string, number>;
  /** Where an earlier run left this version of an object. */
  pointIn(place: Pick<ObjectRef, 'key' | 'version'>): ResumePoint | undefined;
  /**
   * Whether the current version of an object was read to its end in an earlier pass. Only true if that is certain.
   */
  isSettled(ref: ObjectRef): boolean;
  /** Starts a pass; `date` is S3's own clock at the start of its listing. Passes never overlap. */
  begin(date: number): Listing;
  /** The parts changed since the last call. */
  changes(): Map<string, Buffer | null>;
}

/** Whether a listed object must be read, and if not, why: done in an earlier pass, or excluded by its date. */
type Want = 'read' | 'known' | 'outside';

/** One pass: what to list, what to read, and what happened to each object. */
export interface Listing {
  /** Whether to list a folder for this period. Folders without a date are always listed. */
  lists(period: Period): boolean;
  /** Called once per object, in listing order. After `read`, one of the calls below will follow. */
  wants(ref: ObjectRef): Want;
  /** Every record is acked, or the object itself became a dead letter. */
  done(ref: ObjectRef): void;
  failed(ref: ObjectRef, reason: string): void;
  /** It is read after all others, so that they need not wait for it. One of the calls here still follows. */
  putOff(ref: ObjectRef, reason: string): void;
  /** Gone or rewritten since it was listed. */
  missed(ref: ObjectRef): void;
  /** Acked up to here; the object continues. */
  left(point: ResumePoint): void;
  /** The listing was completed and everything wanted was settled. */
  complete(): void;
}

/** The JSON part, returned only if it changed since last time. */
export function changedJson(last: string | undefined, state: unknown): { text: string; changed: boolean } {
  const text = `${JSON.stringify(state, undefined, 2)}\n`;
  return { text, changed: text !== last };
}
