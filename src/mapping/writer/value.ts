import { createOutput, type Output, putByte, putBytes, take } from './output.ts';
import { putNumber, putString } from './scalars.ts';
import { CLOSE_LIST, CLOSE_OBJECT, COLON, COMMA, FALSE, OPEN_LIST, OPEN_OBJECT, TRUE } from './tokens.ts';

/** "Nothing", as agents and forms write it: a field with one of these values is left out. */
const NOTHING = /^(?:unknown|null|\(null\)|-)?$/i;

function saysNothing(value: string, length: number): boolean {
  // Checks lengths first, so that hardly any text is matched against the pattern.
  return (length === 7 || length === 4 || length === 6 || length < 2) && NOTHING.test(value);
}

/**
 * Writes a value as JSON; returns false and writes nothing for null, for text that says nothing, and for lists and
 * objects that contain nothing else.
 */
export function putValue(out: Output, value: unknown): boolean {
  // Not a `switch`: for `typeof` in a switch V8 creates the type's name as text and compares it.
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

function putList(out: Output, values: readonly unknown[]): boolean {
  const start = out.at;
  for (const value of values) {
    const before = out.at;
    putByte(out, before === start ? OPEN_LIST : COMMA);
    // Members are never "nothing": `-` and '' are arguments like any other, and empty values are dropped by the
    // readers of other fields.
    if (typeof value === 'string') putString(out, value);
    else if (!putValue(out, value)) out.at = before;
  }
  if (out.at === start) return false;
  putByte(out, CLOSE_LIST);
  return true;
}

function putObject(out: Output, object: Record<string, unknown>): boolean {
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

/** The same as text, for values that are written once; undefined for nothing. */
export function serialize(value: unknown): string | undefined {
  const out = createOutput(256);
  return putValue(out, value) ? take(out).toString() : undefined;
}
