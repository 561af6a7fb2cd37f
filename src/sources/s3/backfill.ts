import * as z from 'zod';
import { ConfigError } from '../../contracts/errors.ts';
import type { TimeRange } from '../../contracts/source.ts';
import { DAY_MS } from '../../contracts/units.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { createLeftovers, leftoversPart } from './leftovers.ts';
import { createMarker } from './marker.ts';
import { changedJson, type Listing, PROGRESS_PART, type Progress } from './progress.ts';
import { noteUnread } from './unread.ts';

/** The part `progress` of a backfill. */
export const backfillPart = z.strictObject({
  /** The range of event time it was started for, in milliseconds. */
  range: z.strictObject({ from: z.number().optional(), to: z.number().optional() }),
  /** S3's clock when it started: objects modified later are not part of it. */
  frozen_at: z.iso.datetime().transform((text) => Date.parse(text)),
  /** Everything up to this key is done, except for the failing objects. */
  through: z.string().optional(),
  ...leftoversPart,
  finished: z.boolean(),
});
export type BackfillPart = z.output<typeof backfillPart>;

/**
 * Progress through the objects that existed when the backfill started, in key order: a single key, however many
 * objects there are. Dates only leave out objects that cannot contain events of the range. An event is older than
 * the object that carries it, so an object from before `from` is left out, with a day to spare for clocks; one from
 * after `to` may still be a late arrival.
 */
export function createBackfillProgress(
  range: TimeRange,
  latenessMs: number,
  stored: BackfillPart | undefined,
): Progress {
  if (stored !== undefined && (stored.range.from !== range.from || stored.range.to !== range.to)) {
    throw new ConfigError('backfill: this checkpoint was started with another --from and --to');
  }
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = range;
  const left = createLeftovers(stored);
  let frozenAt = stored?.frozen_at;
  let through = stored?.through;
  let finished = stored?.finished ?? false;
  let saved: string | undefined;

  const begin = (date: number): Listing => {
    frozenAt ??= date;
    const freeze = frozenAt;
    const mark = createMarker(through);
    const seen = new Set<string>();
    const markDone = (ref: ObjectRef): void => {
      mark.finish(ref);
      through = mark.through;
    };
    return {
      lists: (period) => period.to + latenessMs + DAY_MS > from && period.from - latenessMs - DAY_MS < to,
      wants(ref) {
        mark.meet(ref.key);
        if (ref.modified > freeze || ref.modified < from - DAY_MS) return 'outside';
        if (left.failedBefore(ref)) seen.add(ref.key);
        else if (mark.covers(ref.key)) return 'known';
        mark.issue(ref);
        return 'read';
      },
      done(ref) {
        left.clear(ref);
        markDone(ref);
      },
      ...noteUnread(left, seen, markDone),
      complete() {
        left.forgetUnseen(seen);
        finished = left.failing === 0;
      },
    };
  };

  return {
    get finished() {
      return finished;
    },
    attempts: left.attempts,
    pointIn: (place) => left.pointIn(place),
    // Its marker has only a key, not the version of an object.
    isSettled: () => false,
    begin,
    changes() {
      if (frozenAt === undefined) return new Map();
      const state: z.input<typeof backfillPart> = {
        range: {
          ...(range.from !== undefined && { from: range.from }),
          ...(range.to !== undefined && { to: range.to }),
        },
        frozen_at: new Date(frozenAt).toISOString(),
        ...(through !== undefined && { through }),
        ...left.part(),
        finished,
      };
      const { text, changed } = changedJson(saved, state);
      saved = text;
      return changed ? new Map([[PROGRESS_PART, Buffer.from(text)]]) : new Map();
    },
  };
}
