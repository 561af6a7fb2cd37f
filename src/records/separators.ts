import { CLOSE_OBJECT, COMMA, isSpace, OPEN_OBJECT, skipSpace } from './bytes.ts';

const MARK = [0xef, 0xbb, 0xbf] as const;

/** Index of the first byte that is neither white space nor a comma, or `to`. */
export function skipSeparators(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && (isSpace(bytes[at]) || bytes[at] === COMMA)) at += 1;
  return at;
}

/**
 * Whether there is a UTF-8 byte order mark at `at`; undefined if more bytes are needed to tell. Concatenated files have
 * one per file.
 */
export function atByteOrderMark(bytes: Buffer, at: number, ended: boolean): boolean | undefined {
  for (const [index, byte] of MARK.entries()) {
    if (at + index >= bytes.length) return ended ? false : undefined;
    if (bytes[at + index] !== byte) return false;
  }
  return true;
}

/**
 * Whether a `}` is followed by a `{`, ignoring white space: the line may then hold several documents. (Or a string
 * contains the two; the caller checks.)
 */
export function joinsDocuments(bytes: Buffer, from: number, to: number): boolean {
  let at = bytes.indexOf(CLOSE_OBJECT, from);
  while (at !== -1 && at < to - 1) {
    if (bytes[skipSpace(bytes, at + 1, to)] === OPEN_OBJECT) return true;
    at = bytes.indexOf(CLOSE_OBJECT, at + 1);
  }
  return false;
}
