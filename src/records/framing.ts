import type { Fault, Origin, SourceRecord } from '../contracts/types.ts';
import { CLOSE_ARRAY, CLOSE_OBJECT, LF, OPEN_ARRAY, OPEN_OBJECT, skipSpace, trimEnd } from './bytes.ts';
import { FramedRecord } from './framed.ts';
import { createHold } from './hold.ts';
import { createScanner, type ScanKind } from './scanner.ts';
import { atByteOrderMark, joinsDocuments, skipSeparators } from './separators.ts';

/** A longer line is scanned byte by byte instead of being buffered whole. */
const LINE_WINDOW = 128 * 2 ** 10;
/** How much of a record over the limit is kept. */
const HEAD_BYTES = 2 ** 10;

const TRUNCATED: Fault = { code: 'truncated', reason: 'the record ends before it is complete' };
const OPEN_END: Fault = {
  code: 'truncated',
  reason: 'the JSON array is truncated: its closing bracket is missing',
};

export interface FramerOptions {
  readonly origin: Origin;
  /** A longer record gets the fault `record_too_large`, and only its first KiB as text. */
  readonly recordBytes: number;
  /** Where the first byte pushed is in the content: 0, or an `end` that `emit` received. */
  readonly offset?: number;
  /** Reading starts inside a top-level array. */
  readonly inArray?: boolean;
  /** Called for each record in order; `end` is the offset after it, where a later read can start. */
  emit(record: SourceRecord, end: number): void;
}

export interface Framer {
  /** Records point into `bytes`: they must not be written to again. */
  push(bytes: Buffer): void;
  /**
   * No more bytes. With `fault`, the content could not be read further, and whatever is pending becomes one record with
   * that fault.
   */
  end(fault?: Fault): void;
  /** Valid while `emit` runs: whether the record is an element of a top-level array. */
  readonly inArray: boolean;
}

/**
 * Splits bytes into records. The content may be a JSON document, NDJSON, a JSON array (whose elements are the records),
 * concatenated documents, or any mixture of these; a byte order mark and CRLF are fine. Every byte that is not white
 * space ends up in exactly one record, apart from brackets and commas between records. Anything that is not JSON
 * becomes a record unchanged, up to its newline, and decoding judges it. A record that is visibly truncated gets the
 * fault `truncated`, and framing continues normally with the next line. Never throws. Records do not depend on how the
 * bytes are split into pieces. Time is linear, and memory is bounded by `recordBytes`. Invalid UTF-8 is not a fault:
 * each bad sequence becomes U+FFFD.
 */
export function createFramer(options: FramerOptions): Framer {
  const { origin, recordBytes } = options;
  const emit = (record: SourceRecord, end: number): void => options.emit(record, end);
  const window = Math.min(LINE_WINDOW, recordBytes);
  const headBytes = Math.min(HEAD_BYTES, recordBytes);
  const hold = createHold();
  const scanner = createScanner();
  let base = options.offset ?? 0;
  let inArray = options.inArray ?? false;
  let lineStart = base === 0;
  let scanning = false;
  /** Bytes of the pending record that have been examined. */
  let seen = 0;
  let tried = false;
  /** The beginning of a record over the limit; nothing more of it is kept. */
  let head: { text: string; offset: number } | undefined;
  const tooLarge: Fault = { code: 'record_too_large', reason: `the record is over ${recordBytes} bytes` };

  const report = (bytes: Buffer, from: number, to: number, fault?: Fault): void => {
    if (to - from > recordBytes) {
      const text = bytes.toString('utf8', from, from + headBytes);
      emit({ text, origin, offset: base + from, fault: tooLarge }, base + to);
      return;
    }
    const end = trimEnd(bytes, from, to);
    const offset = base + from;
    if (fault) emit({ text: bytes.toString('utf8', from, end), origin, offset, fault }, base + to);
    else emit(new FramedRecord(bytes, from, end, origin, offset), base + to);
  };

  /**
   * A line that starts with `{` and ends with `}`, followed by a line that starts with `{`, is one record: in valid
   * JSON only a comma or a closing bracket can follow an inner `}`. Returns the index of its newline, -1 if the line
   * must be scanned, or -2 if more bytes are needed to decide.
   */
  const wholeLine = (bytes: Buffer, at: number, ended: boolean): number => {
    const newline = bytes.indexOf(LF, at + seen);
    if (newline === -1) {
      if (ended || bytes.length - at > window) return -1;
      seen = bytes.length - at;
      return -2;
    }
    const next = skipSpace(bytes, newline + 1, bytes.length);
    if (next - at > window) return -1;
    if (next < bytes.length) return judge(bytes, at, newline, next);
    if (ended) return -1;
    // Nothing follows yet, but a line that is structurally complete need not wait.
    if (!tried) {
      tried = true;
      scanner.start('value');
      const end = trimEnd(bytes, at, newline);
      if (scanner.run(bytes, at, newline) === end) {
        report(bytes, at, end);
        return newline;
      }
    }
    seen = newline - at;
    return -2;
  };

  const judge = (bytes: Buffer, at: number, newline: number, next: number): number => {
    if (bytes[next] !== OPEN_OBJECT) return -1;
    const end = trimEnd(bytes, at, newline);
    if (bytes[end - 1] !== CLOSE_OBJECT) return -1;
    if (joinsDocuments(bytes, at, end)) return -1;
    emit(new FramedRecord(bytes, at, end, origin, base + at), base + end);
    return newline;
  };

  /** Frames what it can and returns the index from which bytes are still needed. */
  const frame = (bytes: Buffer, ended: boolean): number => {
    const to = bytes.length;
    let at = 0;
    for (;;) {
      if (scanning) {
        const end = scanner.run(bytes, at + seen, to);
        if (end === -1 && !ended) {
          seen = to - at;
          if (head) {
            seen = 0;
            return to;
          }
          if (seen <= recordBytes) return at;
          head = { text: bytes.toString('utf8', at, at + headBytes), offset: base + at };
          seen = 0;
          return to;
        }
        const stop = end === -1 ? to : end;
        if (head) emit({ ...head, origin, fault: tooLarge }, base + stop);
        else
          report(
            bytes,
            at,
            stop,
            scanner.cut || (end === -1 && kindOf(bytes[at]) === 'value') ? TRUNCATED : undefined,
          );
        head = undefined;
        scanning = false;
        seen = 0;
        at = stop;
      }
      const next = skipSeparators(bytes, at, to);
      if (next > at && bytes.subarray(at, next).includes(LF)) lineStart = true;
      at = next;
      if (at === to) return to;
      const byte = bytes[at];
      if (byte === 0xef) {
        const mark = atByteOrderMark(bytes, at, ended);
        if (mark === undefined) return at;
        if (mark) {
          at += 3;
          continue;
        }
      }
      if (byte === (inArray ? CLOSE_ARRAY : OPEN_ARRAY)) {
        inArray = !inArray;
        lineStart = false;
        at += 1;
        continue;
      }
      if (byte === OPEN_OBJECT && !inArray && lineStart) {
        const newline = wholeLine(bytes, at, ended);
        if (newline === -2) return at;
        tried = false;
        if (newline >= 0) {
          seen = 0;
          at = newline;
          continue;
        }
      }
      lineStart = false;
      seen = 0;
      scanner.start(kindOf(byte));
      scanning = true;
    }
  };

  const kindOf = (byte: number | undefined): ScanKind => {
    if (byte === OPEN_OBJECT || (byte === OPEN_ARRAY && inArray)) return 'value';
    return inArray && byte !== undefined ? 'scalar' : 'line';
  };

  return {
    push(piece) {
      hold.feed(piece, (bytes) => {
        const rest = frame(bytes, false);
        base += rest;
        return rest;
      });
    },
    end(fault) {
      const bytes = hold.rest();
      if (fault) {
        const pending = head ?? { text: bytes.toString('utf8', 0, HEAD_BYTES), offset: base };
        emit({ ...pending, origin, fault: { ...fault, whole: true } }, base + bytes.length);
        return;
      }
      frame(bytes, true);
      if (inArray)
        emit({ text: '', origin, offset: base + bytes.length, fault: OPEN_END }, base + bytes.length);
    },
    get inArray() {
      return inArray;
    },
  };
}
