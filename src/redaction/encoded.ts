import { createByteReader } from './bytes.ts';

/** The shortest base64 that can contain a secret. */
const SHORTEST = 20;
/** How many consecutive groups of four must begin like encoded text. */
const GROUPS = 5;

/**
 * Bit flags of a base64 character. `BEGINS_GROUP`: can be the first character of a group that encodes text, because a
 * letter or sign in the text yields it.
 */
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

/** A run of base64 characters in a text. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * Calls `visit` with runs that may be base64-encoded text, until it returns true. In a text without such runs it only
 * examines few characters: any run of the shortest length would include one of them. `visit` must not call this again.
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

/**
 * Whether the run contains an upper-case letter, and consecutive groups of four each begin as encoded text does, at any
 * of the four alignments.
 */
function mayBeText(bytes: Uint8Array, from: number, to: number): boolean {
  let bits = 0;
  for (let at = from; at < to; at += 1) bits |= BITS[bytes[at] as number] as number;
  // Paths and file names, which are nearly everything that gets here, contain none.
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

/** The four ways to read a run: where its first group starts, and the decoded text. */
export function readings(
  { from, to }: Run,
  text: string,
): readonly { readonly from: number; readonly text: string }[] {
  return [0, 1, 2, 3].map((shift) => ({
    from: from + shift,
    text: Buffer.from(text.slice(from + shift, to), 'base64').toString('latin1'),
  }));
}

/** The base64 characters that encode a range of bytes. */
export function encodedRange(from: number, to: number): readonly [number, number] {
  return [Math.floor((from * 4) / 3), Math.ceil((to * 4) / 3)];
}
