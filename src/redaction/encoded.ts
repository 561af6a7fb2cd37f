import { createByteReader } from './bytes.ts';

/** The shortest base64 of anything that is looked for. */
const SHORTEST = 20;
/** First characters of base64's groups of four that begin with a character of text. */
const GROUPS = 5;

/** Bits of a character of base64; one that begins a group of text, letter or sign, of which it makes none of its last two. */
const IS_BASE64 = 1;
const BEGINS_GROUP = 2;
const IS_UPPER = 4;

const BITS = new Uint8Array(256);
mark('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', IS_BASE64);
mark('IJKLMNOPQRSTUVWXYZabcdef', BEGINS_GROUP);
mark('ABCDEFGHIJKLMNOPQRSTUVWXYZ', IS_UPPER);

function mark(characters: string, bit: number): void {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    BITS[code] = (BITS[code] ?? 0) | bit;
  }
}

/** A run of base64's characters in a text. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * Calls `visit` with runs that may be base64 of text, until it says true. Looks at few characters of a text without any:
 * of a run of the shortest length, one would be among them. `visit` must not come back here.
 */
export function someEncoded(text: string, visit: (run: Run) => boolean): boolean {
  const { length } = text;
  if (length < SHORTEST) return false;
  const bytes = bytesOf(text);
  let begin = 0;
  for (let at = SHORTEST - 1; at < length; ) {
    let from = at;
    while (from >= begin && BITS[bytes[from] as number] !== 0) from -= 1;
    if (from >= begin) {
      begin = from + 1;
      at = from + SHORTEST;
      continue;
    }
    let to = at + 1;
    while (to < length && BITS[bytes[to] as number] !== 0) to += 1;
    if (mayBeText(bytes, begin, to) && visit({ from: begin, to })) return true;
    begin = to + 1;
    at = to + SHORTEST;
  }
  return false;
}

const bytesOf = createByteReader();

/** Whether an upper case letter is in it, and groups of four in a row each begin as text does, at any of four places. */
function mayBeText(bytes: Uint8Array, from: number, to: number): boolean {
  let bits = 0;
  for (let at = from; at < to; at += 1) bits |= BITS[bytes[at] as number] as number;
  // Paths and names of files, which are nearly all that gets here, have none.
  return (bits & IS_UPPER) !== 0 && hasGroups(bytes, from, to);
}

function hasGroups(bytes: Uint8Array, from: number, to: number): boolean {
  const counts = [0, 0, 0, 0];
  for (let at = from; at < to; at += 1) {
    const place = at & 3;
    const isBegin = ((BITS[bytes[at] as number] as number) & BEGINS_GROUP) !== 0;
    const count = isBegin ? (counts[place] ?? 0) + 1 : 0;
    if (count >= GROUPS) return true;
    counts[place] = count;
  }
  return false;
}

/** The four ways to read a run: where in it the first group begins, and what it says. */
export function readings(
  { from, to }: Run,
  text: string,
): readonly { readonly from: number; readonly text: string }[] {
  return [0, 1, 2, 3].map((shift) => ({
    from: from + shift,
    text: Buffer.from(text.slice(from + shift, to), 'base64').toString('latin1'),
  }));
}

/** The characters of base64 that hold the bytes of a range. */
export function encodedRange(from: number, to: number): readonly [number, number] {
  return [Math.floor((from * 4) / 3), Math.ceil((to * 4) / 3)];
}
