import type { Json } from '../types.ts';

/** Far deeper than any detection. What reads and writes payloads recurses, and Elasticsearch refuses 1,000 levels. */
const MAX_DEPTH = 200;

/** Brackets in a text, counted up to where they are enough for a value that is too deep: almost none has many. */
export function brackets(text: string): number {
  return count(text, '{') + count(text, '[');
}

/** Whether so many brackets are enough for a value that is too deep. */
export function mayBeDeep(found: number): boolean {
  return found > MAX_DEPTH;
}

function count(text: string, bracket: string): number {
  let found = 0;
  for (let at = text.indexOf(bracket); at !== -1 && found <= MAX_DEPTH; at = text.indexOf(bracket, at + 1))
    found += 1;
  return found;
}

/** Whether lists and objects lie in one another beyond what the rest of the program can follow. */
export function tooDeep(value: Json, left = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (tooDeep(member, left - 1)) return true;
  }
  return false;
}
