import type { Json } from '../../contracts/types.ts';
import { createOutput, type Output, putByte, putBytes, take } from './output.ts';
import { putNumber, putRaw, putString, safeText } from './scalars.ts';
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  FALSE,
  NULL,
  OPEN_LIST,
  OPEN_OBJECT,
  TRUE,
} from './tokens.ts';

/** A payload as it is, including empty values, because it is kept whole. Only its text is made safe. */
export function putVerbatim(out: Output, value: Json): void {
  if (typeof value === 'string') putString(out, value);
  else if (typeof value === 'number') putNumber(out, value);
  else if (typeof value === 'boolean') putBytes(out, value ? TRUE : FALSE);
  else if (value === null) putBytes(out, NULL);
  else if (Array.isArray(value)) putVerbatimList(out, value);
  else putMembers(out, value);
}

function putVerbatimList(out: Output, values: readonly Json[]): void {
  if (values.length === 0) putRaw(out, '[]');
  for (let at = 0; at < values.length; at += 1) {
    putByte(out, at === 0 ? OPEN_LIST : COMMA);
    putVerbatim(out, values[at] as Json);
  }
  if (values.length > 0) putByte(out, CLOSE_LIST);
}

function putMembers(out: Output, object: { readonly [key: string]: Json }): void {
  const keys = Object.keys(object);
  if (keys.length === 0) putRaw(out, '{}');
  let names = keys;
  for (let at = 0; at < keys.length; at += 1) {
    putByte(out, at === 0 ? OPEN_OBJECT : COMMA);
    const before = out.at;
    if (!putString(out, names[at] as string)) {
      // Two keys may be equal once made safe: receivers refuse a document with a duplicate key, or lose a member.
      names = distinct(keys);
      out.at = before;
      putString(out, names[at] as string);
    }
    putByte(out, COLON);
    putVerbatim(out, object[keys[at] as string] as Json);
  }
  if (keys.length > 0) putByte(out, CLOSE_OBJECT);
}

/** The keys as written, with a number appended to those that would be equal. */
function distinct(keys: readonly string[]): string[] {
  const taken = new Set(keys.filter((key) => safeText(key) === key));
  const repeats = new Map<string, number>();
  return keys.map((key) => {
    const safe = safeText(key);
    if (safe === key) return key;
    let count = repeats.get(safe) ?? 1;
    let name = count === 1 ? safe : `${safe} (${count})`;
    while (taken.has(name)) {
      count += 1;
      name = `${safe} (${count})`;
    }
    taken.add(name);
    repeats.set(safe, count);
    return name;
  });
}

/** The same, as text. */
export function verbatim(value: Json): string {
  const out = createOutput(4_096);
  putVerbatim(out, value);
  return take(out).toString();
}
