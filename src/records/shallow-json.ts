import type { Json } from '../contracts/types.ts';
import { endOfString, exactNumber, parseExact } from './exact-json.ts';

/**
 * Far deeper than any detection. The code that reads and writes payloads recurses, and Elasticsearch refuses 1,000
 * levels.
 */
const MAX_DEPTH = 200;

/** Levels around a detection, by the top-level member that contains it. */
export type LevelsAround = (key: string) => number;
export const NO_LEVELS: LevelsAround = () => 0;

const QUOTE = 0x22;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** What JSON can write in more than one way. */
const VARIABLE = /[ \t\r\n]+|"|-?\d[\d.eE+-]*/g;
/** Pieces of text joined at a time: separately they would take several times the memory of their content. */
const MOST_PIECES = 4_096;

/** Counts brackets in a text, stopping once there are enough for a value that is too deep: almost no text has many. */
export function brackets(text: string): number {
  return count(text, '{') + count(text, '[');
}

/** Whether this many brackets are enough for a value that is too deep. */
export function mayBeDeep(found: number): boolean {
  return found > MAX_DEPTH;
}

function count(text: string, bracket: string): number {
  let found = 0;
  for (let at = text.indexOf(bracket); at !== -1 && found <= MAX_DEPTH; at = text.indexOf(bracket, at + 1))
    found += 1;
  return found;
}

/**
 * `parseExact` for a text of any depth: anything nested deeper than `MAX_DEPTH` becomes text, as `shallow` writes it.
 */
export function parseShallow(text: string, around: LevelsAround = NO_LEVELS): Json {
  return parseExact(mayBeDeep(brackets(text)) ? shallow(text, around) : text);
}

/**
 * Replaces lists and objects below `MAX_DEPTH` levels with strings that contain their text; returns the same text if
 * there are none. The strings are what `JSON.stringify` would produce, except for the order of keys, regardless of how
 * the input was formatted: a uid may depend on them. Works from start to end without recursion, because a few megabytes
 * of brackets are enough to exhaust any stack, and the memory of `JSON.parse`. Throws a SyntaxError if brackets are
 * left open.
 */
export function shallow(text: string, around: LevelsAround): string {
  const pieces: string[] = [];
  let copied = 0;
  let level = 0;
  let most = MAX_DEPTH;
  let deepFrom = 0;
  let stringFrom = 0;
  let stringTo = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      stringFrom = at;
      stringTo = endOfString(text, at);
      at = stringTo - 1;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      level += 1;
      if (level === 2) most = MAX_DEPTH + around(keyOf(text.slice(stringFrom, stringTo)));
      if (level === most + 1) deepFrom = at;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) {
      if (level === most + 1) {
        pieces.push(text.slice(copied, deepFrom), JSON.stringify(uniform(text.slice(deepFrom, at + 1))));
        copied = at + 1;
      }
      level -= 1;
    }
  }
  if (level > 0) throw new SyntaxError('a bracket is not closed');
  return copied === 0 ? text : pieces.join('') + text.slice(copied);
}

/** Whether a value contains text written by `shallow`. */
export function holdsText(value: Json, left = MAX_DEPTH): boolean {
  if (typeof value === 'string') return left === 0 && /^[[{]/.test(value);
  if (typeof value !== 'object' || value === null || left === 0) return false;
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (holdsText(member, left - 1)) return true;
  }
  return false;
}

function keyOf(string: string): string {
  return parsed(string) ?? string;
}

function parsed(string: string): string | undefined {
  try {
    return JSON.parse(string) as string;
  } catch {
    return undefined;
  }
}

/** Rewrites JSON text in a single canonical form. It is not validated, only passed on as text. */
function uniform(text: string): string {
  let made = '';
  let pieces: string[] = [];
  let copied = 0;
  VARIABLE.lastIndex = 0;
  for (let found = VARIABLE.exec(text); found !== null; found = VARIABLE.exec(text)) {
    const [token] = found;
    if (token === '"') VARIABLE.lastIndex = endOfString(text, found.index);
    const from = found.index;
    const to = VARIABLE.lastIndex;
    const written = text.slice(from, to);
    const usual = usualOf(token, written);
    if (usual === written) continue;
    pieces.push(text.slice(copied, from), usual);
    copied = to;
    if (pieces.length < MOST_PIECES) continue;
    made += pieces.join('');
    pieces = [];
  }
  return copied === 0 ? text : made + pieces.join('') + text.slice(copied);
}

function usualOf(token: string, written: string): string {
  if (token === '"') return usualString(written);
  return token.trim() === '' ? '' : (exactNumber(token) ?? token);
}

function usualString(written: string): string {
  if (!written.includes('\\') && written.isWellFormed()) return written;
  const value = parsed(written);
  return value === undefined ? written : JSON.stringify(value);
}
