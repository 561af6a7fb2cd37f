import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  CR,
  LF,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  SPACE,
  TAB,
} from './bytes.ts';

/** Container kinds are remembered to this depth; deeper brackets are only counted, so that memory is bounded. */
const MAX_KINDS = 4_096;

/**
 * `value`: an object or array, up to its closing bracket. `scalar`: any other array element, up to the comma or bracket
 * after it. `line`: anything else, up to the newline.
 */
export type ScanKind = 'value' | 'scalar' | 'line';

/** Finds the end of one record, examining each byte once; may be fed piece by piece. */
export interface Scanner {
  start(kind: ScanKind): void;
  /** Index after the record, or -1 if it continues beyond `to`. */
  run(bytes: Buffer, from: number, to: number): number;
  /** After `run` found an end: true if the record was cut there because it cannot continue as JSON. */
  readonly cut: boolean;
}

/**
 * Tracks structure only: strings, escapes, nesting. Three things show that a record was truncated, and end it so that
 * framing continues normally with the next line: a newline inside a string (cut there), a line that starts with `{`
 * where no value may appear (cut before it), and a bracket that closes another kind (cut at the next newline). None of
 * them occurs in valid JSON.
 */
export function createScanner(): Scanner {
  let kinds = new Uint8Array(64);
  let kind: ScanKind = 'value';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let previous = 0;
  let freshLine = false;
  let cut = false;

  const top = (): number => (depth <= MAX_KINDS ? (kinds[depth - 1] ?? 0) : 0);

  const push = (bracket: number): void => {
    if (depth === kinds.length && depth < MAX_KINDS) {
      const more = new Uint8Array(depth * 2);
      more.set(kinds);
      kinds = more;
    }
    if (depth < MAX_KINDS) kinds[depth] = bracket;
    depth += 1;
  };

  const mayStartValue = (): boolean => {
    if (depth === 0 || previous === OPEN_ARRAY || previous === COLON) return true;
    return previous === COMMA && top() !== OPEN_OBJECT;
  };

  const runLine = (bytes: Buffer, from: number, to: number): number => {
    const end = bytes.indexOf(LF, from);
    return end === -1 || end >= to ? -1 : end;
  };

  const runScalar = (bytes: Buffer, from: number, to: number): number => {
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at];
      if (byte === LF) return at;
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = inString;
      else if (byte === QUOTE) inString = !inString;
      else if (!inString && (byte === COMMA || byte === CLOSE_ARRAY)) return at;
    }
    return -1;
  };

  const runValue = (bytes: Buffer, from: number, to: number): number => {
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at] ?? 0;
      if (inString) {
        if (byte === LF) {
          cut = true;
          return at;
        }
        if (escaped) escaped = false;
        else if (byte === QUOTE) inString = false;
        else if (byte === BACKSLASH) escaped = true;
        continue;
      }
      if (byte === SPACE || byte === CR || byte === TAB) continue;
      if (byte === LF) {
        freshLine = true;
        continue;
      }
      if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (freshLine && byte === OPEN_OBJECT && !mayStartValue()) {
          cut = true;
          return at;
        }
        push(byte);
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        // In ASCII, an opening bracket is two below its closing bracket.
        if (top() !== 0 && top() !== byte - 2) {
          cut = true;
          kind = 'line';
          return runLine(bytes, at, to);
        }
        depth -= 1;
        if (depth === 0) return at + 1;
      }
      previous = byte;
      freshLine = false;
    }
    return -1;
  };

  return {
    start(next) {
      kind = next;
      depth = 0;
      inString = false;
      escaped = false;
      previous = 0;
      freshLine = false;
      cut = false;
    },
    run(bytes, from, to) {
      if (kind === 'value') return runValue(bytes, from, to);
      return kind === 'line' ? runLine(bytes, from, to) : runScalar(bytes, from, to);
    },
    get cut() {
      return cut;
    },
  };
}
