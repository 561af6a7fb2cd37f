import * as z from 'zod';
import { DAY_MS } from '../../contracts/units.ts';
import type { ObjectRef } from '../../objects/object.ts';
import type { DoneDays } from './done-days.ts';
import { createLeftovers, leftoversPart } from './leftovers.ts';
import { createMarker } from './marker.ts';
import { changedJson, type Listing, PROGRESS_PART, type Progress } from './progress.ts';
import { noteUnread } from './unread.ts';

const time = z.iso.datetime().transform((text) => Date.parse(text));

/** The part `progress` of a scheduled source. Times are S3's. */
export const livePart = z.strictObject({
  /** Nothing modified earlier was ever asked for. */
  start: time,
  /** For people: the lower of `swept_before` and the oldest failing object. */
  settled_before: time,
  /** Every object modified earlier is done, the failing ones apart. */
  swept_before: time,
  full_listed_at: time.optional(),
  /** A full listing under way: done is what was modified before `before` and lies up to the key `through`. */
  sweep: z.strictObject({ before: time, listed_at: time, through: z.string() }).optional(),
  ...leftoversPart,
  done_parts: z.array(z.string()),
});
export type LivePart = z.output<typeof livePart>;

export interface LiveOptions {
  /** What an empty checkpoint begins with: everything, S3's now, or a time. */
  readonly start: 'beginning' | 'now' | number;
  readonly latenessMs: number;
  /** How often folders behind the watermark are listed too; 0: there are no folders to leave out. */
  readonly fullListEveryMs: number;
}

interface Sweep {
  readonly before: number;
  readonly listedAt: number;
  through: string | undefined;
}

/** How far beyond now folders are listed, in their own lengths: one, and February is shorter than January. */
const BEYOND = 1.2;

/** The reply to a HEAD has no fractions of a second, a listing may have. */
const SECOND_MS = 1_000;

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * Progress of a source that is read again and again. An object is done when (key, ETag) is in the set, or when it was
 * modified before the watermark. A full listing moves the watermark to its own start less `allowed_lateness`, which is how late
 * an object may show up behind its LastModified; what it finds older than that is remembered by the key it has come
 * to, not in the set, so that the set holds the window only, however much history there is.
 */
export function createLiveProgress(
  options: LiveOptions,
  stored: LivePart | undefined,
  done: DoneDays,
): Progress {
  const left = createLeftovers(stored);
  let start = stored?.start;
  let sweptBefore = stored?.swept_before ?? 0;
  let fullListedAt = stored?.full_listed_at;
  let sweep: Sweep | undefined = stored?.sweep && {
    before: stored.sweep.before,
    listedAt: stored.sweep.listed_at,
    through: stored.sweep.through,
  };
  let saved: string | undefined;
  const settledBefore = (): number => Math.min(sweptBefore, left.oldest);

  const begin = (date: number): Listing => {
    if (start === undefined) {
      start = options.start === 'beginning' ? 0 : options.start === 'now' ? date : options.start;
      sweptBefore = start;
    }
    const first = fullListedAt === undefined;
    // One that was broken off goes on as it began: what its marker says holds for its own start only.
    if (sweep?.through === undefined) {
      const due = first || date - (fullListedAt ?? 0) >= options.fullListEveryMs;
      sweep = due ? { before: date - options.latenessMs, listedAt: date, through: undefined } : undefined;
    }
    const begun = start;
    const current = sweep;
    const everything = current !== undefined && !first;
    const from = first ? start : settledBefore();
    const mark = createMarker(current?.through);
    const seen = new Set<string>();
    const old = (ref: ObjectRef): boolean => current !== undefined && ref.modified < current.before;
    const markDone = (ref: ObjectRef): void => {
      mark.finish(ref);
      if (current !== undefined) current.through = mark.through;
    };
    return {
      lists({ from: begins, to: ends }) {
        if (everything) return true;
        // A first listing moves the watermark too, so it looks into what seems to lie in the future.
        return ends + DAY_MS > from && (first || begins <= date + BEYOND * (ends - begins));
      },
      wants(ref) {
        mark.meet(ref.key);
        if (left.failedBefore(ref)) seen.add(ref.key);
        else if (ref.modified < begun) return 'outside';
        else if (ref.modified < sweptBefore) return 'known';
        else if (old(ref) && mark.covers(ref.key)) return 'known';
        else if (done.has(ref)) return 'known';
        mark.issue(ref);
        return 'read';
      },
      done(ref) {
        left.clear(ref);
        if (!old(ref) || !mark.ordered) done.add(ref);
        markDone(ref);
      },
      ...noteUnread(left, seen, markDone),
      complete() {
        if (current === undefined) return;
        sweptBefore = Math.max(sweptBefore, current.before);
        fullListedAt = current.listedAt;
        sweep = undefined;
        if (everything) left.forgetUnseen(seen);
        done.prune(sweptBefore);
      },
    };
  };

  return {
    finished: false,
    attempts: left.attempts,
    pointIn: (place) => left.pointIn(place),
    isSettled(ref) {
      if (start === undefined || ref.modified < start) return false;
      if (left.failedBefore(ref) || left.pointIn(ref) !== undefined) return false;
      return done.has(ref) || ref.modified + SECOND_MS <= sweptBefore;
    },
    begin,
    changes() {
      const parts = done.changes();
      if (start === undefined) return parts;
      const state: z.input<typeof livePart> = {
        start: iso(start),
        settled_before: iso(settledBefore()),
        swept_before: iso(sweptBefore),
        ...(fullListedAt !== undefined && { full_listed_at: iso(fullListedAt) }),
        ...(sweep?.through !== undefined && {
          sweep: { before: iso(sweep.before), listed_at: iso(sweep.listedAt), through: sweep.through },
        }),
        ...left.part(),
        done_parts: done.names(),
      };
      const { text, changed } = changedJson(saved, state);
      saved = text;
      if (changed) parts.set(PROGRESS_PART, Buffer.from(text));
      return parts;
    },
  };
}
