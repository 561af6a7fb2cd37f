import { UnavailableError } from '../contracts/errors.ts';
import type { Log, Origin } from '../contracts/types.ts';
import { memberTexts } from '../detections/member-text.ts';
import { DEFAULT_REDACTOR, type Redactor } from '../redaction/redactor.ts';
import type { DeadLetters } from './dead-letters.ts';
import { type Faults, type FaultyObject, LETTERS_PER_OBJECT } from './faulty.ts';
import { type DeadLetter, restId, toLetter, type Undelivered } from './letter.ts';
import { beyond, type Span } from './spans.ts';

/** More objects than this, each with many faults, are no accident: it is the wrong bucket, or another format. */
const MAX_OBJECTS = 100;
/** A name in the log. */
const MAX_URI = 1_024;

/** What becomes of all that cannot be delivered in one run. Everything is durable when a call resolves. */
export interface Burial {
  /** A letter for each document that the destination rejects. */
  rejected(failures: Iterable<Undelivered>): Promise<void>;
  /**
   * What could not be read or decoded in a batch. The first few of each object have letters of their own, one more
   * stands for the rest. Batches must come in the order of reading.
   */
  faults(faults: Faults): Promise<void>;
  /** Throws `UnavailableError` once there was too much of it; its letters are written. */
  check(): void;
}

export interface BurialOptions {
  readonly deadLetters: Pick<DeadLetters, 'write' | 'extend' | 'isExtended'>;
  readonly log: Log;
  /** Letters of single documents before the run stops: a wrong template must not drain a month into them. */
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
  /** Letters of its own that an object has; all records of one reading share their origin. */
  const used = new WeakMap<Origin, number>();
  let letters = 0;
  let objects = 0;
  let tail: Origin | undefined;

  /** An object that an earlier run was killed in has all its own letters when it has the one for the rest. */
  const usedBy = async ({ origin, from }: FaultyObject): Promise<number> => {
    const known = used.get(origin);
    if (known !== undefined) return known;
    return from > 0 && (await deadLetters.isExtended(origin)) ? LETTERS_PER_OBJECT : 0;
  };

  /** Splits the faults of an object in those that get letters and the places of the rest. */
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
      `over ${LETTERS_PER_OBJECT} parts of an object cannot be read or decoded; one dead letter stands for the rest of them`,
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
      // First: code that finds the letter for the rest may rely on these.
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
          `${letters} documents were rejected in one run, more than dead_letters.max_per_run (${maxPerRun}): something is wrong with all of them. Their letters are written; look at one before the next run`,
        );
      }
      if (objects > MAX_OBJECTS) {
        throw new UnavailableError(
          `${objects} objects of one run hold over ${LETTERS_PER_OBJECT} parts each that cannot be read or decoded: does something else write to this place? Their letters are written, and the log names the objects`,
        );
      }
    },
  };
}

function* lettersOf(failures: Iterable<Undelivered>, at: string, redactor: Redactor): Generator<DeadLetter> {
  const textOf = memberTexts(redactor);
  for (const failure of failures) {
    const { record, index, text } = failure;
    // A member of a group is kept by itself: the whole record once for each would be a flood.
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
