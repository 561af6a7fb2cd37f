import type { Json } from '../types.ts';

/** Text of an absent value: no JSON value is empty, so '' can stand for "leave it out". */
export const ABSENT = '';

const SPECIAL = /["\\\u0000-\u001f\u007f-\u009f\ud800-\udfff]/;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Nothing, in the words that agents and forms write for it: a field with one of these is left out. */
const NOTHING = /^(?:unknown|null|\(null\)|-)?$/i;

/** JSON text of a string. Lone surrogates and control characters are replaced: NUL breaks some receivers. */
export function quote(value: string): string {
  if (!SPECIAL.test(value)) return `"${value}"`;
  return JSON.stringify(value.toWellFormed().replace(CONTROL, '\ufffd'));
}

/** JSON text of a value; ABSENT for null, for a text that says nothing, and for what holds nothing else. */
export function serialise(value: unknown): string {
  if (typeof value === 'string') return value.length < 8 && NOTHING.test(value) ? ABSENT : quote(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ABSENT;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value !== 'object' || value === null) return ABSENT;
  return Array.isArray(value) ? serialiseList(value) : serialiseObject(value as Record<string, unknown>);
}

function serialiseList(values: readonly unknown[]): string {
  let out = '';
  for (const value of values) {
    // Members are never "nothing": `-` and '' are arguments like any other, and readers drop what is empty elsewhere.
    const text = typeof value === 'string' ? quote(value) : serialise(value);
    if (text !== ABSENT) out += out === '' ? `[${text}` : `,${text}`;
  }
  return out === '' ? ABSENT : `${out}]`;
}

function serialiseObject(object: Record<string, unknown>): string {
  let out = '';
  for (const key of Object.keys(object)) {
    const text = serialise(object[key]);
    if (text !== ABSENT) out += `${out === '' ? '{' : ','}${quote(key)}:${text}`;
  }
  return out === '' ? ABSENT : `${out}}`;
}

/** JSON text of a payload as it is, nothings included: what is kept is kept whole. Only its text is made safe. */
export function verbatim(value: Json): string {
  const text = JSON.stringify(value);
  return SPECIAL_ESCAPES.test(text) ? JSON.stringify(safe(value)) : text;
}

const SPECIAL_ESCAPES = /\\u(?:00[01]|d[89a-f])|[\u007f-\u009f]/i;

function safe(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed().replace(CONTROL, '\ufffd');
  if (Array.isArray(value)) return value.map(safe);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [safe(key) as string, safe(member)]),
  );
}
