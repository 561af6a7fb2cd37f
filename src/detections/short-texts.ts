import type { Json, JsonObject } from '../contracts/types.ts';

/** Longer than any command line or URL that a person reads, and a quarter of what Lucene accepts as one term. */
export const LONGEST_TEXT = 8_192;
/** Names are repeated in several fields and begin sentences. */
export const LONGEST_NAME = 1_000;
const NAMES = new Set(['name', 'title', 'check_name']);
/** Members used in place of others, for every kind. */
const STAND_INS = new Set(['title', 'check_name', 'incident_url', 'checks_url']);

export function cutText(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`;
}

/** A text, or a list of texts, short enough for fields. */
export function cutTexts(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value, LONGEST_TEXT);
  if (Array.isArray(value) && value.some(isLong)) return value.map(cutTexts);
  return value;
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && value.length > LONGEST_TEXT;
}

export interface Shortened {
  readonly payload: JsonObject;
  /** Members in which something was cut. */
  readonly cut: ReadonlySet<string>;
}

/**
 * A payload shortened for fields: each text is written in up to five places, so one of a few megabytes would exceed
 * what receivers accept. `reads`: whether a field holds a member.
 */
export function shortTexts(payload: JsonObject, reads: (key: string) => boolean): Shortened {
  if (!holdsLong(payload)) return { payload, cut: NOTHING_CUT };
  const cut = new Set<string>();
  const entries = Object.entries(payload).map(([key, value]): [string, Json] => {
    const short =
      reads(key) || STAND_INS.has(key) ? shorten(value, NAMES.has(key) ? LONGEST_NAME : LONGEST_TEXT) : value;
    if (short !== value) cut.add(key);
    return [key, short];
  });
  return cut.size === 0 ? { payload, cut } : { payload: Object.fromEntries(entries), cut };
}

export const NOTHING_CUT: ReadonlySet<string> = new Set();

/**
 * Whether it contains a text longer than the lowest limit. Hardly any payload does, and the check allocates
 * nothing.
 */
function holdsLong(value: Json): boolean {
  if (typeof value === 'string') return value.length > LONGEST_NAME;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsLong);
  for (const key in value) if (holdsLong(value[key] as Json)) return true;
  return false;
}

/** Returns the same value if nothing in it is too long. */
function shorten(value: Json, longest: number): Json {
  if (typeof value === 'string') return cutText(value, longest);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const short = value.map((member) => shorten(member, longest));
    return short.some((member, at) => member !== value[at]) ? short : value;
  }
  const short = Object.entries(value).map(([key, member]): [string, Json] => [key, shorten(member, longest)]);
  return short.some(([key, member]) => member !== value[key]) ? Object.fromEntries(short) : value;
}
