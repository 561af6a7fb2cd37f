import type { Json } from '../contracts/types.ts';

/** Non-empty text, or undefined. Numbers become text, since ids arrive as either. */
export function text(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return undefined;
}

/** A non-negative safe integer from a number or its text; anything else is undefined and, when present, a warning. */
export function integer(value: Json | undefined, code: string, warnings: string[]): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d+$/.test(value)
        ? Number(value)
        : Number.NaN;
  if (Number.isSafeInteger(number) && number >= 0) return number;
  warnings.push(`bad_${code}`);
  return undefined;
}

/** true, "true", false, "false"; anything else is undefined and, when present and a `code` is given, a warning. */
export function boolean(value: Json | undefined, code?: string, warnings?: string[]): boolean | undefined {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  if (value !== undefined && value !== null && value !== '') warnings?.push(`bad_${code}`);
  return undefined;
}

/** A list of non-empty texts; a single text is a list of one; undefined if nothing is left. */
export function list(value: Json | undefined): string[] | undefined {
  const items = Array.isArray(value) ? value : [value];
  const texts: string[] = [];
  for (const item of items) {
    const one = text(item);
    if (one !== undefined) texts.push(one);
  }
  return texts.length === 0 ? undefined : texts;
}

/** Values that a field of one type can hold: a text, number or boolean, or a list of these. */
export function isPlain(value: unknown): boolean {
  return Array.isArray(value) ? value.every((one) => typeof one !== 'object') : typeof value !== 'object';
}

/**
 * The object; undefined if all of its members are. Absent facts are still members: objects of a single shape are
 * read faster.
 */
export function orNothing<T extends object>(object: T): T | undefined {
  for (const key in object) if (object[key] !== undefined) return object;
  return undefined;
}

/** The length of `unknown`: most texts are longer and skip the pattern. */
const LONGEST_NOTHING = 7;

/** `text`, but without the values that agents write for "nothing". */
export function known(value: Json | undefined): string | undefined {
  const one = text(value);
  if (one === undefined || one.length > LONGEST_NOTHING) return one;
  return /^(unknown|-|null|\(null\))$/i.test(one) ? undefined : one;
}
