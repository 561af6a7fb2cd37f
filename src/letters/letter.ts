import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Origin, SourceRecord } from '../contracts/types.ts';
import { DEFAULT_REDACTOR, type Redactor } from '../redaction/redactor.ts';
import { spoken } from '../redaction/spoken.ts';
import type { Span, Spot } from './spans.ts';

const place = z.tuple([z.int(), z.int()]);

export const letterSchema = z.object({
  /** The same content failing again gets the same id, so that a rerun overwrites it and readers count it once. */
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
    /** A row of a list: only its text distinguishes it from the next row. */
    rows: z.literal(true).optional(),
    offset: z.number(),
    /** Place in a grouped record. */
    index: z.number().optional(),
  }),
  /** Concerns the whole object from the offset on. */
  whole: z.literal(true).optional(),
  /** Present when the letter covers more than one part of its object. */
  rest: z
    .object({
      /** Parts that could not be read or decoded. */
      count: z.int().positive(),
      /** Offset of the last record with such a part. The first is the letter's own offset. */
      last: z.int(),
      /** The first and last of each run of such parts, as offset and place in a grouped record. */
      spans: z.array(z.tuple([place, place])).min(1),
    })
    .optional(),
  /** Replays of this letter that never finished: the process died on it, or on something replayed with it. */
  tries: z.int().positive().optional(),
  /** Redacted, and truncated if very long. */
  text: z.string(),
});

/** Something that could not be delivered: what, from where, at which stage and why. */
export type DeadLetter = z.output<typeof letterSchema>;

/** Longest text of a letter. A replay reads the origin again, so nothing is lost while that exists. */
const MAX_TEXT = 64 * 1_024;
/** Kinds come from payloads, and reasons from servers. */
const MAX_KIND = 256;
const MAX_REASON = 2_048;
/** A longer uid cannot be stored anywhere; the place identifies the detection. */
const MAX_UID = 512;

export interface Undelivered {
  readonly record: SourceRecord;
  readonly index?: number | undefined;
  readonly uid?: string;
  readonly kind?: string;
  readonly stage: DeadLetter['stage'];
  readonly code: string;
  readonly reason: string;
  /** Text that is already redacted. If absent, the record's text is redacted here. */
  readonly text?: string | undefined;
  /** How many members of a group this covers, starting at `index`. Default 1. */
  readonly count?: number;
  /** Concerns the object as a whole. */
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
    // Never show what cannot be redacted; a replay reads the record itself.
    return '';
  }
}

/** A letter for display. The stored letter keeps the exact origin, because a replay reads it again. */
export function shownLetter(letter: DeadLetter): DeadLetter {
  return { ...letter, origin: { ...letter.origin, uri: spoken(letter.origin.uri) } };
}

/** The id of the letter for a failure. */
export function letterId({ record, index, uid, whole }: Undelivered): string {
  const { origin, offset } = record;
  // Rows have neither offset nor version: only their text distinguishes them.
  const row = origin.rows === true && uid === undefined ? [record.text] : [];
  // At most one per object, wherever reading it ended.
  if (whole === true) return idOf(['whole', origin.uri, origin.version ?? '']);
  return idOf([origin.uri, origin.version ?? '', offset, index ?? -1, uid ?? '', ...row]);
}

/** The letter that covers all parts of an object without letters of their own. */
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

/** The letter, reduced to fewer parts. */
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

/** Each version of an object has one such letter. */
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

/** How many detections, or parts of an object, a letter covers. */
export function countOf({ rest }: Pick<DeadLetter, 'rest'>): number {
  return rest?.count ?? 1;
}

/** The places of the parts that a letter covers; empty if it covers only itself. */
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
