import type { Json, JsonObject } from '../contracts/types.ts';
import { parseTime } from '../text/time.ts';
import { text } from './scalars.ts';

/** What a payload says it is about, in its own words: mappings, links and redaction do not affect it. */
export interface Subject {
  /** The payload's `id`, or its `type` if the id is a UUID or absent. */
  readonly own: string;
  /** The UUID in the payload's `id`, else ''. */
  readonly uuid: string;
  readonly owner: string;
  readonly repo: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Kinds whose `id` identifies one instance rather than the kind are named by their `type`. */
export function isUuid(id: string): boolean {
  return UUID.test(id);
}

/** From the unredacted payload. An absent part is ''. */
export function subjectOf(payload: JsonObject): Subject {
  const id = text(payload.id) ?? '';
  const uuid = isUuid(id) ? id : '';
  const own = uuid === '' && id !== '' ? id : (text(payload.type) ?? '');
  const owner = (text(payload.owner) ?? '').toLowerCase();
  const full = (
    text(payload.owner_repo) ??
    text(payload.repository) ??
    text(payload.repo) ??
    ''
  ).toLowerCase();
  if (owner === '') {
    const slash = full.lastIndexOf('/');
    return { own, uuid, owner: full.slice(0, Math.max(slash, 0)), repo: full.slice(slash + 1) };
  }
  // The export gives `owner/name`, the API only the name; forges ignore case.
  return { own, uuid, owner, repo: full.startsWith(`${owner}/`) ? full.slice(owner.length + 1) : full };
}

/** A component of a key: ids arrive as text or as numbers; any other value counts as it is, an absent one as ''. */
export function part(value: Json | undefined): Json {
  if (value === undefined || value === null) return '';
  return text(value) ?? sorted(value);
}

/** Epoch milliseconds if it can be parsed, otherwise as it arrived: never the time of receipt. */
export function timePart(value: Json | undefined): Json {
  // Without an upper bound: a time in the future must not give another key tomorrow.
  return parseTime(value, Number.POSITIVE_INFINITY) ?? part(value);
}

/** Text between quotes as in JSON, if none of it needs escaping. */
const PLAIN = '"[^"\\\\\\u0000-\\u001f\\ud800-\\udfff]*"';
const SIX = new RegExp(`^\\[${PLAIN}(?:,${PLAIN}){5}\\]$`);

/** `JSON.stringify` of six texts, in half the time if none needs escaping, which is nearly always so. */
export function sixTexts(a: string, b: string, c: string, d: string, e: string, f: string): string {
  const json = `["${a}","${b}","${c}","${d}","${e}","${f}"]`;
  return SIX.test(json) ? json : JSON.stringify([a, b, c, d, e, f]);
}

/** With the keys of all objects sorted. */
export function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
