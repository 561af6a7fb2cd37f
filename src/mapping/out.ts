/**
 * JSON as it is written: UTF-8 in a buffer that many documents share, so that a document costs one copy and no garbage.
 * Building it by adding strings takes twice as long, and several times as long once a batch of such strings is kept.
 */
export interface Out {
  bytes: Buffer;
  /** Where the document under way begins. */
  start: number;
  /** Where the next byte goes. Setting it back takes away what was written since. */
  at: number;
}

/** Documents of a batch lie side by side in pieces of this size; a piece is free when all of them are settled. */
const PIECE = 1_048_576;
/** Room that is nearly always enough for one more document. */
const MARGIN = 16_384;

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;

export function createOut(size = PIECE): Out {
  return { bytes: Buffer.allocUnsafeSlow(size), start: 0, at: 0 };
}

/** Ends the document under way and gives its bytes. Nobody writes them again. */
export function take(out: Out): Buffer {
  const document = out.bytes.subarray(out.start, out.at);
  if (out.at + MARGIN > out.bytes.length) {
    out.bytes = Buffer.allocUnsafeSlow(PIECE);
    out.at = 0;
  }
  out.start = out.at;
  return document;
}

/** Makes room for `more` bytes behind the document under way, which moves when it must. */
function reserve(out: Out, more: number): Buffer {
  if (out.at + more > out.bytes.length) {
    const length = out.at - out.start;
    const bytes = Buffer.allocUnsafeSlow(Math.max(PIECE, (length + more) * 2));
    out.bytes.copy(bytes, 0, out.start, out.at);
    out.bytes = bytes;
    out.start = 0;
    out.at = length;
  }
  return out.bytes;
}

/** JSON that is ready, e.g. a constant. A loop beats `set` for the few bytes these mostly are. */
export function putBytes(out: Out, ready: Uint8Array): void {
  const bytes = reserve(out, ready.length);
  let at = out.at;
  for (let from = 0; from < ready.length; from += 1) bytes[at++] = ready[from] as number;
  out.at = at;
}

export function putByte(out: Out, byte: number): void {
  const bytes = reserve(out, 1);
  bytes[out.at++] = byte;
}

/** A JSON string. Lone surrogates and control characters are replaced: NUL breaks some receivers. */
export function putString(out: Out, value: string): void {
  const { length } = value;
  const bytes = reserve(out, length + 2);
  let at = out.at;
  bytes[at++] = QUOTE;
  for (let from = 0; from < length; from += 1) {
    const code = value.charCodeAt(from);
    if (code < SPACE || code >= DELETE || code === QUOTE || code === BACKSLASH) {
      putRaw(out, JSON.stringify(value.toWellFormed().replace(CONTROL, '\ufffd')));
      return;
    }
    bytes[at++] = code;
  }
  bytes[at++] = QUOTE;
  out.at = at;
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
