import type { Fault, Origin, SourceRecord } from '../contracts/types.ts';
import type { Undelivered } from './letter.ts';
import type { Span } from './spans.ts';

/** Read and decode faults per object that get letters of their own. */
export const LETTERS_PER_OBJECT = 10;

/** Spans kept per record: a group can alternate between good and bad members. */
const MAX_SPANS_PER_RECORD = 1_000;

/** What could not be read or decoded of one object in one batch. */
export interface FaultyObject {
  readonly origin: Origin;
  /** Offset of its first record in the batch; 0 if the object starts in it. */
  readonly from: number;
  /** The first faults in order, as many as may get letters of their own. */
  readonly first: Undelivered[];
  /** The places of all faults, including those in `first`; no span covers two records. */
  readonly spans: Span[];
}

/** The faults of a batch, by object, in bounded memory: only the first faults of each object are kept in full. */
export interface Faults {
  /** Called before the entries of a record. */
  enter(record: SourceRecord): void;
  /** `count` is for a fault that covers several members of its record, starting at `index`. */
  add(fault: Fault, index: number | undefined, count?: number): void;
  /** An entry of the record without a fault. */
  sound(): void;
  readonly objects: readonly FaultyObject[];
  /** Faults that concern an object as a whole: one letter each. */
  readonly whole: readonly Undelivered[];
  /** Faults of records that cannot be read again: one letter each, with the text. */
  readonly unrepeatable: readonly Undelivered[];
  /** The object of the last entry, if that entry was a fault. */
  readonly tail: Origin | undefined;
}

export function createFaults(): Faults {
  const objects: FaultyObject[] = [];
  const whole: Undelivered[] = [];
  const unrepeatable: Undelivered[] = [];
  let record: SourceRecord | undefined;
  let origin: Origin | undefined;
  let from = 0;
  let object: FaultyObject | undefined;
  /** The last entry of this object was a fault. */
  let open = false;
  /** Every entry of this object in this batch so far was a fault. */
  let untouched = true;
  let spansOfRecord = 0;

  const objectOf = (entered: SourceRecord): FaultyObject => {
    object ??= { origin: entered.origin, from, first: [], spans: [] };
    if (objects.at(-1) !== object) objects.push(object);
    return object;
  };

  return {
    objects,
    whole,
    unrepeatable,
    enter(entered) {
      record = entered;
      spansOfRecord = 0;
      if (entered.origin === origin) return;
      origin = entered.origin;
      from = entered.offset;
      object = undefined;
      open = false;
      untouched = true;
    },
    sound() {
      open = false;
      untouched = false;
    },
    add(fault, index, count = 1) {
      if (record === undefined) throw new Error('a fault without a record');
      const stage = record.fault === undefined ? 'decode' : 'read';
      const failure: Undelivered = {
        record,
        index,
        stage,
        code: fault.code,
        reason: fault.reason,
        ...(fault.whole === true && { whole: true as const }),
        ...(count > 1 && { count }),
      };
      if (fault.whole === true) {
        whole.push(failure);
        return;
      }
      if (record.origin.rows === true) {
        unrepeatable.push(failure);
        return;
      }
      const { first, spans } = objectOf(record);
      if (first.length < LETTERS_PER_OBJECT) first.push(failure);
      const { offset } = record;
      const place = { offset, index: index ?? 0 };
      const last = { offset, index: place.index + count - 1 };
      const previous = spans.at(-1);
      if (previous?.first.offset === offset && (open || spansOfRecord >= MAX_SPANS_PER_RECORD)) {
        spans[spans.length - 1] = { ...previous, last, count: previous.count + count };
      } else {
        spans.push({ first: place, last, count, joined: open || untouched });
        spansOfRecord += 1;
      }
      open = true;
    },
    get tail() {
      return open ? origin : undefined;
    },
  };
}
