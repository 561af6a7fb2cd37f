import type { Json } from '../contracts/types.ts';

/** Non-empty text, or undefined. Numbers become text: ids arrive as either. */
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

/** A list of non-empty texts; a lone text is a list of one; undefined when nothing is left. */
export function list(value: Json | undefined): string[] | undefined {
  const items = Array.isArray(value) ? value : [value];
  const texts: string[] = [];
  for (const item of items) {
    const one = text(item);
    if (one !== undefined) texts.push(one);
  }
  return texts.length === 0 ? undefined : texts;
}

/** What a field of one type can hold: a text, a number or a switch, or a list of such. */
export function isPlain(value: unknown): boolean {
  return Array.isArray(value) ? value.every((one) => typeof one !== 'object') : typeof value !== 'object';
}

/** The object; undefined when none of its members is present. Absent facts are members all the same: one shape reads faster. */
export function orNothing<T extends object>(object: T): T | undefined {
  for (const key in object) if (object[key] !== undefined) return object;
  return undefined;
}

/** Of `unknown`: hardly any text is put to the pattern. */
const LONGEST_NOTHING = 7;

/** `text`, without the values that agents write for "nothing". */
export function known(value: Json | undefined): string | undefined {
  const one = text(value);
  if (one === undefined || one.length > LONGEST_NOTHING) return one;
  return /^(unknown|-|null|\(null\))$/i.test(one) ? undefined : one;
}
