/**
 * JSON as it is written: UTF-8 in a page that many documents share, so that a document costs one copy and no garbage.
 * Building it by adding strings takes twice as long, and several times as long once a batch of such strings is kept.
 */
export interface Output {
  bytes: Buffer;
  /** The same memory, for whole words. */
  view: DataView;
  /** Where the document under way begins. */
  start: number;
  /** Where the next byte goes. Setting it back takes away what was written since. */
  at: number;
}

export function createOutput(size: number): Output {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: viewOf(bytes), start: 0, at: 0 };
}

/** What is written goes there from now on. */
export function moveTo(out: Output, bytes: Buffer): void {
  out.bytes = bytes;
  out.view = viewOf(bytes);
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Ends the document under way and gives its bytes. */
export function take(out: Output): Buffer {
  const document = out.bytes.subarray(out.start, out.at);
  out.start = out.at;
  return document;
}

export const PAGE_BYTES = 1_048_576;

/** Makes room for `more` bytes after the document under way, which begins at the same place afterwards. */
export function reserve(out: Output, more: number): Buffer {
  if (out.at + more > out.bytes.length) grow(out, more);
  return out.bytes;
}

function grow(out: Output, more: number): void {
  const bytes = Buffer.allocUnsafeSlow(out.start + Math.max(PAGE_BYTES, (out.at - out.start + more) * 2));
  out.bytes.copy(bytes, out.start, out.start, out.at);
  moveTo(out, bytes);
}

/** JSON that is ready, e.g. remembered. */
export function putBytes(out: Output, ready: Uint8Array): void {
  reserve(out, ready.length).set(ready, out.at);
  out.at += ready.length;
}

/** A copy of what was written since the document under way was at `from`. */
export function since(out: Output, from: number): Buffer {
  return Buffer.from(out.bytes.subarray(from, out.at));
}

export function putByte(out: Output, byte: number): void {
  const bytes = reserve(out, 1);
  bytes[out.at++] = byte;
}
