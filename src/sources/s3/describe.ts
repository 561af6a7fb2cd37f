import { ConfigError } from '../../contracts/errors.ts';
import type { Parts } from '../../contracts/source.ts';
import { ID_BYTES } from '../../objects/identity.ts';
import { describeInHand, IN_HAND_PART } from '../../objects/in-hand.ts';
import { type BackfillPart, backfillPart } from './backfill.ts';
import type { LeftoversPart } from './leftovers.ts';
import { type LivePart, livePart } from './live.ts';
import { parseProgress } from './load-progress.ts';
import { PROGRESS_PART } from './progress.ts';

/** Failing objects listed individually; the rest is a number. */
const NAMED = 20;

/** The progress in a checkpoint as text, for a scheduled run or a backfill. */
export async function describeProgress(parts: Parts): Promise<readonly string[]> {
  const bytes = await parts.part(PROGRESS_PART);
  const inHand = describeInHand(await parts.part(IN_HAND_PART));
  if (bytes === undefined) return inHand;
  try {
    return [...describeLive(parseProgress(livePart, bytes), parts), ...inHand];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [...describeBackfill(parseProgress(backfillPart, bytes)), ...inHand];
  }
}

function describeLive(state: LivePart | undefined, parts: Parts): string[] {
  if (state === undefined) return [];
  let remembered = 0;
  for (const name of state.done_parts) {
    // Each part has a header as long as an entry.
    remembered += Math.max(0, (parts.sizes.get(name) ?? 0) / ID_BYTES - 1);
  }
  const { sweep } = state;
  const days = state.done_parts.length;
  return [
    `started with objects modified since ${iso(state.start)}`,
    `settled before ${iso(state.settled_before)}: every older object is done${state.failing.length > 0 ? ', except the failing ones' : ''}`,
    `objects remembered: ${remembered}, from ${days} ${days === 1 ? 'day' : 'days'}`,
    state.full_listed_at === undefined
      ? 'never fully listed: the next run lists everything'
      : `last full listing started ${iso(state.full_listed_at)}`,
    ...(sweep === undefined ? [] : [`full listing in progress: done up to the key ${sweep.through}`]),
    ...describeLeftovers(state),
  ];
}

function describeBackfill(state: BackfillPart | undefined): string[] {
  if (state === undefined) return [];
  const { from, to } = state.range;
  return [
    `backfill from ${from === undefined ? 'the beginning' : iso(from)} to ${to === undefined ? 'the end' : iso(to)}, of what existed at ${iso(state.frozen_at)}`,
    state.finished ? 'finished' : `done up to the key ${state.through ?? '(none yet)'}`,
    ...describeLeftovers(state),
  ];
}

function describeLeftovers({ failing, half_read: halfRead }: LeftoversPart): string[] {
  const lines = halfRead.map(({ key, records }) => `partly read: ${key}, continues after record ${records}`);
  for (const { key, runs, reason } of failing.slice(0, NAMED)) {
    lines.push(`failing: ${key}, in ${runs} runs: ${reason}`);
  }
  if (failing.length > NAMED) lines.push(`failing: ${failing.length - NAMED} more objects`);
  return lines;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
