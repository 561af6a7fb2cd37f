import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Origin, SourceRecord } from '../contracts/types.ts';
import { DEFAULT_REDACTOR, type Redactor } from '../redaction/redactor.ts';
import { spoken } from '../redaction/spoken.ts';
import type { Span, Spot } from './spans.ts';

const place = z.tuple([z.int(), z.int()]);

export const letterSchema = z.object({
  /** The same piece of content that fails again has the same id: a re-run overwrites, and readers count it once. */
  id: z.string(),
  /** When it was written, ISO 8601. */
  at: z.string(),
  uid: z.string().optional(),
  kind: z.string().optional(),
  stage: z.enum(['read', 'decode', 'write']),
  code: z.string(),
  reason: z.string(),
  origin: z.object({
    source: z.string(),
    uri: z.string(),
    version: z.string().optional(),
    /** A row of a list: only its text tells it from the next. */
    rows: z.literal(true).optional(),
    offset: z.number(),
    /** Place in a grouped record. */
    index: z.number().optional(),
  }),
  /** It is about all of its object from the offset on. */
  whole: z.literal(true).optional(),
  /** Present when it stands for more than one part of its object. */
  rest: z
    .object({
      /** Parts that could not be read or decoded. */
      count: z.int().positive(),
      /** Offset of the last record that holds some. The first is the letter's own. */
      last: z.int(),
      /** Where they are: first and last of each run of them, as offset and place in a grouped record. */
      spans: z.array(z.tuple([place, place])).min(1),
    })
    .optional(),
  /** Replays of it that did not come to an end: the process died over it, or over what was replayed with it. */
  tries: z.int().positive().optional(),
  /** Redacted, and cut where it is very long. */
  text: z.string(),
});

/** What could not be delivered: what, where from, at which stage and why. */
export type DeadLetter = z.output<typeof letterSchema>;

/** Text kept of one letter; a replay reads the origin again, so a cut is no loss while that exists. */
const MAX_TEXT = 64 * 1_024;
/** Kinds come from payloads, and reasons from servers. */
const MAX_KIND = 256;
const MAX_REASON = 2_048;
/** A longer one cannot be stored anywhere; the place tells which detection it was. */
const MAX_UID = 512;

export interface Undelivered {
  readonly record: SourceRecord;
  readonly index?: number | undefined;
  readonly uid?: string;
  readonly kind?: string;
  readonly stage: DeadLetter['stage'];
  readonly code: string;
  readonly reason: string;
  /** Already redacted text; absent: the record's own, redacted here. */
  readonly text?: string | undefined;
  /** Members of a group that it stands for, from `index` on. Default 1. */
  readonly count?: number;
  /** It concerns the object as a whole. */
  readonly whole?: true;
}

export function toLetter(
  failure: Undelivered,
  at: string,
  redactor: Redactor = DEFAULT_REDACTOR,
): DeadLetter {
  const { record, index, uid, kind, stage, code, reason, count } = failure;
  const { offset } = record;
  return {
    id: letterId(failure),
    at,
    ...(uid === undefined || uid.length > MAX_UID ? {} : { uid }),
    ...(kind === undefined ? {} : { kind: cut(redactor.text(kind), MAX_KIND) }),
    stage,
    code,
    reason: cut(redactor.text(spoken(reason)), MAX_REASON),
    origin: { ...placeOf(record.origin, offset), ...(index === undefined ? {} : { index }) },
    ...(count !== undefined &&
      count > 1 &&
      index !== undefined && {
        rest: restOf([{ first: { offset, index }, last: { offset, index: index + count - 1 } }], count),
      }),
    ...(failure.whole === true && { whole: true }),
    text: cut(failure.text ?? textOf(record, redactor), MAX_TEXT),
  };
}

function textOf(record: SourceRecord, redactor: Redactor): string {
  try {
    return redactor.raw(record.text, record.fault !== undefined);
  } catch {
    // Whatever cannot be redacted is not shown; a replay reads the record itself.
    return '';
  }
}

/** A letter for people: the stored one names its origin as it is, since a replay reads that again. */
export function shownLetter(letter: DeadLetter): DeadLetter {
  return { ...letter, origin: { ...letter.origin, uri: spoken(letter.origin.uri) } };
}

/** The id that the letter of a failure has. */
export function letterId({ record, index, uid, whole }: Undelivered): string {
  const { origin, offset } = record;
  // Rows have neither offset nor version: what tells one from the next is their text.
  const row = origin.rows === true && uid === undefined ? [record.text] : [];
  // One at most for each object, wherever reading it ended.
  if (whole === true) return idOf(['whole', origin.uri, origin.version ?? '']);
  return idOf([origin.uri, origin.version ?? '', offset, index ?? -1, uid ?? '', ...row]);
}

/** The letter for all of an object that has none of its own. */
export function restLetter(
  origin: Origin,
  spans: readonly Pick<Span, 'first' | 'last'>[],
  count: number,
  at: string,
): DeadLetter {
  const rest = restOf(spans, count);
  const offset = spans[0]?.first.offset ?? 0;
  return {
    id: restId(origin),
    at,
    stage: 'decode',
    code: 'more_faults',
    reason: `${count} more parts of this object, from offset ${offset} to ${rest.last}, cannot be read or decoded`,
    origin: placeOf(origin, offset),
    rest,
    text: '',
  };
}

/** A letter that stands for less than it did. */
export function withRest(
  letter: DeadLetter,
  spans: readonly Pick<Span, 'first' | 'last'>[],
  count: number,
): DeadLetter {
  const { offset: _, index, ...place } = letter.origin;
  const { offset, index: first } = spans[0]?.first ?? { offset: letter.origin.offset, index: 0 };
  const origin = { ...place, offset, ...(index === undefined ? {} : { index: first }) };
  return { ...letter, origin, rest: restOf(spans, count) };
}

/** One content of one object has one such letter. */
export function restId({
  uri,
  version,
}: {
  readonly uri: string;
  readonly version?: string | undefined;
}): string {
  return idOf(['rest', uri, version ?? '']);
}

export function isRestOfObject(letter: Pick<DeadLetter, 'id' | 'origin' | 'rest'>): boolean {
  return letter.rest !== undefined && letter.id === restId(letter.origin);
}

/** How many detections, or parts of an object, a letter stands for. */
export function countOf({ rest }: Pick<DeadLetter, 'rest'>): number {
  return rest?.count ?? 1;
}

/** Where the parts are that a letter stands for; empty for one that stands for itself. */
export function spansOf({ rest }: Pick<DeadLetter, 'rest'>): { readonly first: Spot; readonly last: Spot }[] {
  return (rest?.spans ?? []).map(([[from, index], [to, lastIndex]]) => ({
    first: { offset: from, index },
    last: { offset: to, index: lastIndex },
  }));
}

function restOf(
  spans: readonly Pick<Span, 'first' | 'last'>[],
  count: number,
): NonNullable<DeadLetter['rest']> {
  return {
    count,
    last: spans.at(-1)?.last.offset ?? 0,
    spans: spans.map(({ first, last }) => [
      [first.offset, first.index],
      [last.offset, last.index],
    ]),
  };
}

function placeOf({ source, uri, version, rows }: Origin, offset: number): DeadLetter['origin'] {
  return { source, uri, ...(version === undefined ? {} : { version }), ...(rows && { rows }), offset };
}

function idOf(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function cut(text: string, max: number): string {
  return text.length > max ? text.slice(0, max) : text;
}
