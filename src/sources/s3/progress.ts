import type { ObjectRef, ResumePoint } from '../../objects/object.ts';
import type { Period } from './template.ts';

/** The name of the part that holds everything but the done sets, as JSON. */
export const PROGRESS_PART = 'progress';

/** What a source remembers of a bucket between runs. */
export interface Progress {
  /** True when there is nothing left to do, ever: a finished backfill. */
  readonly finished: boolean;
  /** In how many runs objects failed, by `objectId`. */
  readonly attempts: ReadonlyMap<string, number>;
  /** Where an earlier run left this version of an object. */
  pointIn(place: Pick<ObjectRef, 'key' | 'version'>): ResumePoint | undefined;
  /** Whether an object, as it is by now, was read to its end in an earlier pass. Never says yes without knowing. */
  isSettled(ref: ObjectRef): boolean;
  /** Starts a pass; `date` is S3's own clock at the start of its listing. Passes never overlap. */
  begin(date: number): Listing;
  /** The parts changed since the last call. */
  changes(): Map<string, Buffer | null>;
}

/** Whether a listed object must be read, and why not: done in an earlier pass, or outside what is asked for by its date. */
type Want = 'read' | 'known' | 'outside';

/** One pass: what to list, what to read, and what became of it. */
export interface Listing {
  /** Whether a folder of this time is listed. One without a time always is. */
  lists(period: Period): boolean;
  /** Asked once for every object, in listing order. After `read` one of the calls below will follow. */
  wants(ref: ObjectRef): Want;
  /** Every record is acked, or the object itself became a dead letter. */
  done(ref: ObjectRef): void;
  failed(ref: ObjectRef, reason: string): void;
  /** It is read after all others: the rest need not wait for it. One of the calls here follows all the same. */
  putOff(ref: ObjectRef, reason: string): void;
  /** Gone or rewritten since it was listed. */
  missed(ref: ObjectRef): void;
  /** Acked up to here, and the object goes on. */
  left(point: ResumePoint): void;
  /** The listing came to its end and everything wanted was settled. */
  complete(): void;
}

/** The JSON part, given again only when it differs from last time. */
export function changedJson(last: string | undefined, state: unknown): { text: string; changed: boolean } {
  const text = `${JSON.stringify(state, undefined, 2)}\n`;
  return { text, changed: text !== last };
}
