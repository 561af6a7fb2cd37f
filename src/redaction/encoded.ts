/** The shortest base64 of anything that is looked for. */
const SHORTEST = 20;
/** First characters of base64's groups of four that begin with a character of text. */
const GROUPS = 5;

/** 1 for a character of base64, 2 for one that begins a group of text, letter or sign. Text makes none of its last two. */
const BASE64 = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
  BASE64[character.charCodeAt(0)] = 1;
for (const character of 'IJKLMNOPQRSTUVWXYZabcdef') BASE64[character.charCodeAt(0)] = 2;

/** A run of base64's characters in a text. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * Calls `visit` with runs that may be base64 of text, until it says true. Looks at few characters of a text without any:
 * of a run of the shortest length, one would be among them.
 */
export function someEncoded(text: string, visit: (run: Run) => boolean): boolean {
  const { length } = text;
  let begin = 0;
  for (let at = SHORTEST - 1; at < length; ) {
    let from = at;
    while (from >= begin && BASE64[text.charCodeAt(from) & 0xff] !== 0) from -= 1;
    if (from >= begin) {
      begin = from + 1;
      at = from + SHORTEST;
      continue;
    }
    let to = at + 1;
    while (to < length && BASE64[text.charCodeAt(to) & 0xff] !== 0) to += 1;
    if (mayBeText(text, begin, to) && visit({ from: begin, to })) return true;
    begin = to + 1;
    at = to + SHORTEST;
  }
  return false;
}

/** Whether groups of four in a row each begin as text does, at any of four places, and an upper case letter is among them. */
function mayBeText(text: string, from: number, to: number): boolean {
  const counts = [0, 0, 0, 0];
  let upper = false;
  let most = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code <= 0x5a && code >= 0x41) upper = true;
    const place = at & 3;
    const count = BASE64[code] === 2 ? (counts[place] ?? 0) + 1 : 0;
    counts[place] = count;
    if (count > most) most = count;
  }
  return upper && most >= GROUPS;
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
