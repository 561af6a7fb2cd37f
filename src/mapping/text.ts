import type { Json } from '../contracts/types.ts';
import {
  createOut,
  type Out,
  putByte,
  putBytes,
  putNumber,
  putRaw,
  putString,
  safeText,
  take,
} from './out.ts';

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Nothing, in the words that agents and forms write for it: a field with one of these is left out. */
const NOTHING = /^(?:unknown|null|\(null\)|-)?$/i;

function saysNothing(value: string, length: number): boolean {
  // By their lengths, so that hardly any text is put to the pattern.
  return (length === 7 || length === 4 || length === 6 || length < 2) && NOTHING.test(value);
}

/**
 * Writes a value as JSON; false, and nothing written, for null, for a text that says nothing, and for what holds
 * nothing else.
 */
export function putValue(out: Out, value: unknown): boolean {
  // Not a switch: V8 makes a text of the type for that, and compares it.
  if (typeof value === 'string') {
    const { length } = value;
    if (saysNothing(value, length)) return false;
    putString(out, value, length);
    return true;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return false;
    putNumber(out, value);
    return true;
  }
  if (typeof value === 'boolean') {
    putBytes(out, value ? TRUE : FALSE);
    return true;
  }
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? putList(out, value) : putObject(out, value as Record<string, unknown>);
}

function putList(out: Out, values: readonly unknown[]): boolean {
  const start = out.at;
  for (const value of values) {
    const before = out.at;
    putByte(out, before === start ? OPEN_LIST : COMMA);
    // Members are never "nothing": `-` and '' are arguments like any other, and readers drop what is empty elsewhere.
    if (typeof value === 'string') putString(out, value);
    else if (!putValue(out, value)) out.at = before;
  }
  if (out.at === start) return false;
  putByte(out, CLOSE_LIST);
  return true;
}

function putObject(out: Out, object: Record<string, unknown>): boolean {
  const start = out.at;
  for (const key of Object.keys(object)) {
    const before = out.at;
    putByte(out, before === start ? OPEN_OBJECT : COMMA);
    putString(out, key);
    putByte(out, COLON);
    if (!putValue(out, object[key])) out.at = before;
  }
  if (out.at === start) return false;
  putByte(out, CLOSE_OBJECT);
  return true;
}

/** A payload as it is, nothings included: what is kept is kept whole. Only its text is made safe. */
export function putVerbatim(out: Out, value: Json): void {
  if (typeof value === 'string') putString(out, value);
  else if (typeof value === 'number') putNumber(out, value);
  else if (typeof value === 'boolean') putBytes(out, value ? TRUE : FALSE);
  else if (value === null) putBytes(out, NULL);
  else if (Array.isArray(value)) putVerbatimList(out, value);
  else putMembers(out, value);
}

function putVerbatimList(out: Out, values: readonly Json[]): void {
  if (values.length === 0) putRaw(out, '[]');
  for (let at = 0; at < values.length; at += 1) {
    putByte(out, at === 0 ? OPEN_LIST : COMMA);
    putVerbatim(out, values[at] as Json);
  }
  if (values.length > 0) putByte(out, CLOSE_LIST);
}

function putMembers(out: Out, object: { readonly [key: string]: Json }): void {
  const keys = Object.keys(object);
  if (keys.length === 0) putRaw(out, '{}');
  let names = keys;
  for (let at = 0; at < keys.length; at += 1) {
    putByte(out, at === 0 ? OPEN_OBJECT : COMMA);
    const before = out.at;
    if (!putString(out, names[at] as string)) {
      // Made safe, two keys may be the same: receivers refuse a document with one key twice, or lose a member.
      names = distinct(keys);
      out.at = before;
      putString(out, names[at] as string);
    }
    putByte(out, COLON);
    putVerbatim(out, object[keys[at] as string] as Json);
  }
  if (keys.length > 0) putByte(out, CLOSE_OBJECT);
}

/** The keys as they are written, told apart by a number where they would be the same. */
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

/** The same as text, for what is written once; undefined for nothing. */
export function serialise(value: unknown): string | undefined {
  const out = createOut(256);
  return putValue(out, value) ? take(out).toString() : undefined;
}

export function verbatim(value: Json): string {
  const out = createOut(4_096);
  putVerbatim(out, value);
  return take(out).toString();
}
