import type { Json } from '../contracts/types.ts';

/** Values nested deeper than this skip the walk, which recurses, and have their numbers checked in the text. */
const MAX_WALK = 200;
/** A number that a double may not hold exactly: 16 digits in a row, with or without a point, or an exponent. */
const SUSPECT = /\d[\d.]{15}|\d[eE][-+\d]/;
const TOKEN = /"|-?\d[\d.eE+-]*/g;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/;
/** Every decimal with at most this many digits survives a round trip through a double. */
const SAFE_DIGITS = 15;
const ZERO = 0x30;

/**
 * `JSON.parse` that loses no digits: a number that a double cannot hold (an id above 2^53, `1e400`) becomes its
 * original text. Throws what `JSON.parse` throws. For nearly all texts the only cost is a check of the parsed value;
 * the others take one more pass.
 */
export function parseExact(text: string): Json {
  const value = JSON.parse(text) as Json;
  if (!holdsNumber(value, MAX_WALK) || !SUSPECT.test(text)) return value;
  const quoted = quoteInexact(text);
  return quoted === text ? value : (JSON.parse(quoted) as Json);
}

function holdsNumber(value: Json, left: number): boolean {
  if (typeof value === 'number') return true;
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  if (Array.isArray(value)) {
    for (const member of value) if (holdsNumber(member, left - 1)) return true;
    return false;
  }
  for (const key in value) {
    const member = value[key] as Json;
    // Nearly every member is handled here.
    if (typeof member === 'string') continue;
    if (holdsNumber(member, left - 1)) return true;
  }
  return false;
}

/** Valid JSON with its inexact numbers in quotes. Strings are skipped, so none changes. */
function quoteInexact(text: string): string {
  let quoted = '';
  let copied = 0;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
    const [token] = found;
    if (token === '"') {
      TOKEN.lastIndex = endOfString(text, found.index);
      continue;
    }
    if (isExact(token)) continue;
    quoted += `${text.slice(copied, found.index)}"${token}"`;
    copied = TOKEN.lastIndex;
  }
  return copied === 0 ? text : quoted + text.slice(copied);
}

/** Index after the string that starts at `from`. */
export function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}

/**
 * A number as JSON would write what `parseExact` makes of it: in quotes if a double cannot hold it. Undefined if it is
 * not a number.
 */
export function exactNumber(token: string): string | undefined {
  if (!NUMBER.test(token)) return undefined;
  return isExact(token) ? JSON.stringify(Number(token)) : `"${token}"`;
}

/** Whether the double of a JSON number has the same decimal value when it is written out again. */
function isExact(token: string): boolean {
  if (token.length <= SAFE_DIGITS && !/e/i.test(token)) return true;
  return decimal(token) === decimal(String(Number(token)));
}

/** A number's value as text, the same for every notation; undefined if it is not a number. */
function decimal(token: string): string | undefined {
  const match = NUMBER.exec(token);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  let from = 0;
  while (digits.charCodeAt(from) === ZERO) from += 1;
  let to = digits.length;
  while (to > from && digits.charCodeAt(to - 1) === ZERO) to -= 1;
  if (from === to) return '0';
  return `${sign}${digits.slice(from, to)}e${whole.length - from + Number(exponent)}`;
}
