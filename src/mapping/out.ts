/**
 * JSON as it is written: UTF-8 in a page that many documents share, so that a document costs one copy and no garbage.
 * Building it by adding strings takes twice as long, and several times as long once a batch of such strings is kept.
 */
export interface Out {
  bytes: Buffer;
  /** The same memory, for whole words. */
  view: DataView;
  /** Where the document under way begins. */
  start: number;
  /** Where the next byte goes. Setting it back takes away what was written since. */
  at: number;
}

/** From this length on a pattern and a native write beat a loop. */
const LONG = 32;
/** What no JSON string may hold as it is, and what takes more than a byte in UTF-8. */
const SPECIAL = /[^ !#-[\]-~]/;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;

export function createOut(size: number): Out {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: viewOf(bytes), start: 0, at: 0 };
}

/** What is written goes there from now on. */
export function moveTo(out: Out, bytes: Buffer): void {
  out.bytes = bytes;
  out.view = viewOf(bytes);
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Ends the document under way and gives its bytes. */
export function take(out: Out): Buffer {
  const document = out.bytes.subarray(out.start, out.at);
  out.start = out.at;
  return document;
}

export const PAGE_BYTES = 1_048_576;

/** Makes room for `more` bytes behind the document under way, which lies at the same place afterwards. */
export function reserve(out: Out, more: number): Buffer {
  if (out.at + more > out.bytes.length) grow(out, more);
  return out.bytes;
}

function grow(out: Out, more: number): void {
  const bytes = Buffer.allocUnsafeSlow(out.start + Math.max(PAGE_BYTES, (out.at - out.start + more) * 2));
  out.bytes.copy(bytes, out.start, out.start, out.at);
  moveTo(out, bytes);
}

/** JSON that is ready, e.g. remembered. */
export function putBytes(out: Out, ready: Uint8Array): void {
  reserve(out, ready.length).set(ready, out.at);
  out.at += ready.length;
}

/** A copy of what was written since the document under way was at `from`. */
export function since(out: Out, from: number): Buffer {
  return Buffer.from(out.bytes.subarray(from, out.at));
}

export function putByte(out: Out, byte: number): void {
  const bytes = reserve(out, 1);
  bytes[out.at++] = byte;
}

/**
 * A JSON string. Lone surrogates and control characters are replaced: NUL breaks some receivers. False when any was: two
 * texts may then be the same.
 */
export function putString(out: Out, value: string, length = value.length): boolean {
  const bytes = reserve(out, length + 2);
  let at = out.at;
  if (length >= LONG) {
    if (SPECIAL.test(value)) return putSpecial(out, value);
    bytes[at] = QUOTE;
    bytes.write(value, at + 1, 'latin1');
    bytes[at + length + 1] = QUOTE;
    out.at = at + length + 2;
    return true;
  }
  bytes[at++] = QUOTE;
  for (let from = 0; from < length; from += 1) {
    // By the prototype: for strings of many representations V8 would look for the method anew at every character.
    const code = String.prototype.charCodeAt.call(value, from);
    if (code < SPACE || code >= DELETE || code === QUOTE || code === BACKSLASH) {
      return putSpecial(out, value);
    }
    bytes[at++] = code;
  }
  bytes[at++] = QUOTE;
  out.at = at;
  return true;
}

function putSpecial(out: Out, value: string): boolean {
  const safe = safeText(value);
  putRaw(out, JSON.stringify(safe));
  return safe === value;
}

/** The text that `putString` writes. */
export function safeText(value: string): string {
  return value.toWellFormed().replace(CONTROL, '\ufffd');
}

/** Text that is JSON already. */
export function putRaw(out: Out, json: string): void {
  const bytes = reserve(out, json.length * 3);
  out.at += bytes.write(json, out.at, 'utf8');
}

export function putNumber(out: Out, value: number): void {
  const digits = String(value);
  const bytes = reserve(out, digits.length);
  let at = out.at;
  for (let from = 0; from < digits.length; from += 1) bytes[at++] = digits.charCodeAt(from);
  out.at = at;
}
