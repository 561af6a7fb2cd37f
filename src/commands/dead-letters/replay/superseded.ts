import { addFate, count, type Tally, UNDECODABLE } from '../../../account/tally.ts';
import type { Log, Origin, Source } from '../../../contracts/types.ts';
import { grouped } from '../../../letters/grouped.ts';
import { countOf, type DeadLetter } from '../../../letters/letter.ts';
import { decodeSafely, entryAt } from '../../../pipeline/bugs.ts';
import type { Stages } from '../../../pipeline/stages.ts';
import { spoken } from '../../../redaction/spoken.ts';
import { originOf } from './reading.ts';

export interface SettlingOptions {
  readonly source: Pick<Source, 'fetch' | 'successor'>;
  readonly stages: Pick<Stages, 'decode' | 'bugs'>;
  /** Asks to end: whatever is not settled by then stays. */
  readonly stop: AbortSignal;
  readonly log: Log;
}

/** Letters, separated into those that are settled and those to send. */
export interface Settled {
  readonly superseded: readonly DeadLetter[];
  readonly others: readonly DeadLetter[];
}

/** The filter they count under in the ledger. */
const SUPERSEDED = 'superseded';
/** Maximum objects that the log names in one replay. */
const NAMED = 20;

/**
 * Finds the letters of content that is permanently gone because other content took its place: a run has read that to
 * the end, it contains at least one detection, and nothing in it is faulty any more. A letter that says which detection
 * it is about is never among them: its own text is sent. For letters that cannot be settled this way, the log says why
 * and what to do.
 */
export function settling({ source, stages, stop, log }: SettlingOptions) {
  let named = 0;
  const say = (object: readonly DeadLetter[], sentence: string): void => {
    const [first] = object;
    if (first === undefined || ++named > NAMED) return;
    log.warn(
      {
        object: spoken(first.origin.uri).slice(0, 1_024),
        letters: object.length,
        letter: first.id.slice(0, 8),
      },
      sentence,
    );
  };

  const isSuperseded = async (object: readonly DeadLetter[], origin: Origin): Promise<boolean> => {
    const now = await source.successor?.(origin);
    if (now === undefined || now.is === 'unchanged' || stop.aborted) return false;
    if (now.is === 'gone') {
      say(
        object,
        'the object of these letters is gone: only their own text can be tried. Remove what stays with dead-letters discard ID',
      );
      return false;
    }
    if (!now.settled) {
      say(
        object,
        'the object of these letters was rewritten, and no run is known to have read it since: run, and replay again; or, if you know that it was delivered, dead-letters discard ID',
      );
      return false;
    }
    const isSound = await isWhole(now.by, { source, stages, stop });
    say(
      object,
      isSound
        ? 'the object of these letters was rewritten, and a run has read all of it: they are settled'
        : 'the object of these letters was rewritten and still has faults, or contains nothing: they stay; dead-letters discard ID removes them',
    );
    return isSound;
  };

  return async (letters: readonly DeadLetter[]): Promise<Settled> => {
    const superseded = new Set<DeadLetter>();
    const unknown = letters.filter(({ uid, origin }) => uid === undefined && origin.version !== undefined);
    for (const object of grouped(unknown, ({ origin: { source: kind, uri, version } }) =>
      JSON.stringify([kind, uri, version]),
    )) {
      const [first] = object;
      if (first === undefined || stop.aborted) break;
      if (await isSuperseded(object, originOf(first))) for (const letter of object) superseded.add(letter);
    }
    return { superseded: [...superseded], others: letters.filter((letter) => !superseded.has(letter)) };
  };
}

/** Left out on purpose: the source no longer contains what the letter was about. */
export function accountForSuperseded(letter: DeadLetter, tally: Tally): void {
  const parts = countOf(letter);
  tally.read += parts;
  addFate(tally, letter.kind ?? UNDECODABLE, 'filtered', parts);
  count(tally.filters, SUPERSEDED, parts);
}

async function isWhole(
  origin: Origin,
  { source, stages: { decode, bugs }, stop }: Omit<SettlingOptions, 'log'>,
): Promise<boolean> {
  let detections = 0;
  const now = Date.now();
  for await (const record of source.fetch?.(origin, 0, Number.POSITIVE_INFINITY) ?? []) {
    if (stop.aborted || record.fault !== undefined) return false;
    for (const read of decodeSafely([record], (records) => decode(records, now), bugs)) {
      for (let at = 0; at < read.entries.length; at += 1) {
        const entry = entryAt(read, at, bugs);
        if (entry === undefined || 'fault' in entry) return false;
        if ('detection' in entry) detections += 1;
      }
    }
  }
  return detections > 0;
}
