import { UnavailableError } from '../contracts/errors.ts';
import type { Log, Origin } from '../contracts/types.ts';
import { memberTexts } from '../detections/member-text.ts';
import { DEFAULT_REDACTOR, type Redactor } from '../redaction/redactor.ts';
import type { DeadLetters } from './dead-letters.ts';
import { type Faults, type FaultyObject, LETTERS_PER_OBJECT } from './faulty.ts';
import { type DeadLetter, restId, toLetter, type Undelivered } from './letter.ts';
import { beyond, type Span } from './spans.ts';

/** More objects than this with many faults each are not an accident: it is the wrong bucket, or a different format. */
const MAX_OBJECTS = 100;
/** Longest object name in the log. */
const MAX_URI = 1_024;

/** Writes dead letters for everything a run cannot deliver. They are durable when a call resolves. */
export interface Burial {
  /** One letter for each document the destination rejected. */
  rejected(failures: Iterable<Undelivered>): Promise<void>;
  /**
   * What could not be read or decoded in a batch. The first few faults of each object get letters of their own, and one
   * more letter covers the rest. Batches must come in reading order.
   */
  faults(faults: Faults): Promise<void>;
  /** Throws `UnavailableError` once there have been too many; their letters are already written. */
  check(): void;
}

export interface BurialOptions {
  readonly deadLetters: Pick<DeadLetters, 'write' | 'extend' | 'isExtended'>;
  readonly log: Log;
  /**
   * How many single documents may be rejected before the run stops: a wrong template must not drain a month of
   * detections into dead letters.
   */
  readonly maxPerRun: number;
  /** Default: our own rules. */
  readonly redactor?: Redactor;
}

export function createBurial({
  deadLetters,
  log,
  maxPerRun,
  redactor = DEFAULT_REDACTOR,
}: BurialOptions): Burial {
  /** How many letters of its own each object already has; all records of one reading share their origin. */
  const used = new WeakMap<Origin, number>();
  let letters = 0;
  let objects = 0;
  let tail: Origin | undefined;

  /** If an earlier run was killed in this object and the letter for the rest exists, so do all its own letters. */
  const usedBy = async ({ origin, from }: FaultyObject): Promise<number> => {
    const known = used.get(origin);
    if (known !== undefined) return known;
    return from > 0 && (await deadLetters.isExtended(origin)) ? LETTERS_PER_OBJECT : 0;
  };

  /** Splits an object's faults into those that get letters and the places of the rest. */
  const split = async (
    object: FaultyObject,
  ): Promise<{ own: readonly Undelivered[]; rest: readonly Span[] }> => {
    const before = await usedBy(object);
    const own = object.first.slice(0, LETTERS_PER_OBJECT - before);
    used.set(object.origin, before + own.length);
    const rest = beyond(object.spans, endOf(own.at(-1)));
    const [next, ...others] = rest;
    if (next === undefined || object.origin === tail) return { own, rest };
    return { own, rest: [{ ...next, joined: false }, ...others] };
  };

  const capped = new WeakSet<Origin>();
  const nameOnce = (origin: Origin): void => {
    if (capped.has(origin)) return;
    capped.add(origin);
    objects += 1;
    log.warn(
      { object: redactor.text(origin.uri).slice(0, MAX_URI), letter: restId(origin).slice(0, 8) },
      `over ${LETTERS_PER_OBJECT} parts of an object cannot be read or decoded; one dead letter covers the rest of them`,
    );
  };

  const write = async (failures: Iterable<Undelivered>): Promise<number> => {
    const at = new Date().toISOString();
    return deadLetters.write(lettersOf(failures, at, redactor));
  };

  return {
    async rejected(failures) {
      letters += await write(failures);
    },
    async faults(faults) {
      const rests: { origin: Origin; rest: readonly Span[] }[] = [];
      const own: Undelivered[] = [...faults.whole];
      for (const object of faults.objects) {
        const parts = await split(object);
        own.push(...parts.own);
        if (parts.rest.length > 0) rests.push({ origin: object.origin, rest: parts.rest });
      }
      tail = faults.tail;
      // Write these first: code that finds the letter for the rest may rely on them.
      if (own.length > 0) await write(own);
      if (faults.unrepeatable.length > 0) letters += await write(faults.unrepeatable);
      for (const { origin, rest } of rests) {
        await deadLetters.extend(origin, rest);
        nameOnce(origin);
      }
    },
    check() {
      if (letters > maxPerRun) {
        throw new UnavailableError(
          `${letters} documents were rejected in one run, more than dead_letters.max_per_run (${maxPerRun}): something is probably wrong with all of them. Their letters are written; look at one before the next run`,
        );
      }
      if (objects > MAX_OBJECTS) {
        throw new UnavailableError(
          `${objects} objects of one run contain over ${LETTERS_PER_OBJECT} parts each that cannot be read or decoded: does something else write to this location? Their letters are written, and the log names the objects`,
        );
      }
    },
  };
}

function* lettersOf(failures: Iterable<Undelivered>, at: string, redactor: Redactor): Generator<DeadLetter> {
  const textOf = memberTexts(redactor);
  for (const failure of failures) {
    const { record, index, text } = failure;
    // Keep only the member of a group: repeating the whole record for each member would be a flood.
    yield toLetter(
      { ...failure, text: text ?? (index === undefined ? undefined : textOf(record, index)) },
      at,
      redactor,
    );
  }
}

function endOf(failure: Undelivered | undefined) {
  if (failure === undefined) return undefined;
  const { record, index = 0, count = 1 } = failure;
  return { offset: record.offset, index: index + count - 1 };
}
