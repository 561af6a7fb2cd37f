import * as z from 'zod';
import { DAY_MS } from '../../contracts/units.ts';
import type { ObjectRef } from '../../objects/object.ts';
import type { DoneDays } from './done-days.ts';
import { createLeftovers, leftoversPart } from './leftovers.ts';
import { createMarker } from './marker.ts';
import { changedJson, type Listing, PROGRESS_PART, type Progress } from './progress.ts';
import { noteUnread } from './unread.ts';

const time = z.iso.datetime().transform((text) => Date.parse(text));

/** The `progress` part of a scheduled source. Times are S3's. */
export const livePart = z.strictObject({
  /** Objects modified earlier were never requested. */
  start: time,
  /** For people: the earlier of `swept_before` and the oldest failing object. */
  settled_before: time,
  /** Every object modified earlier is done, except for the failing ones. */
  swept_before: time,
  full_listed_at: time.optional(),
  /** A full listing in progress: objects modified before `before`, with keys up to `through`, are done. */
  sweep: z.strictObject({ before: time, listed_at: time, through: z.string() }).optional(),
  ...leftoversPart,
  done_parts: z.array(z.string()),
});
export type LivePart = z.output<typeof livePart>;

export interface LiveOptions {
  /** Where an empty checkpoint starts: everything, S3's now, or a time. */
  readonly start: 'beginning' | 'now' | number;
  readonly latenessMs: number;
  /** How often folders before the watermark are listed too; 0: there are no folders to leave out. */
  readonly fullListEveryMs: number;
}

interface Sweep {
  readonly before: number;
  readonly listedAt: number;
  through: string | undefined;
}

/**
 * How far beyond now folders are listed, as a multiple of their length: above one, since February is shorter than
 * January.
 */
const BEYOND = 1.2;

/** The reply to a HEAD has no fractions of a second, but a listing may have. */
const SECOND_MS = 1_000;

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * Progress of a source that is read repeatedly. An object is done if (key, ETag) is in the set, or if it was
 * modified before the watermark. A full listing moves the watermark to its own start minus `allowed_lateness`, the
 * longest time after its LastModified that an object may take to appear. Older objects found by that listing are
 * remembered only by the last key reached, not in the set, so that the set only holds the window, however much
 * history there is.
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
    // An interrupted listing continues as it started: its marker is only valid for its own start time.
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
        // A first listing also moves the watermark, so it includes folders that seem to be in the future.
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
