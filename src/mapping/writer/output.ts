/**
 * JSON while it is written: UTF-8 in a page that many documents share, so that a document costs one copy and no
 * garbage. Concatenating strings takes twice as long, and several times as long if a batch of such strings is kept.
 */
export interface Output {
  bytes: Buffer;
  /** The same memory, for whole words. */
  view: DataView;
  /** Where the current document starts. */
  start: number;
  /** Where the next byte goes. Setting it back discards what was written since. */
  at: number;
}

export function createOutput(size: number): Output {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: viewOf(bytes), start: 0, at: 0 };
}

/** From now on, writes go to `bytes`. */
export function moveTo(out: Output, bytes: Buffer): void {
  out.bytes = bytes;
  out.view = viewOf(bytes);
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Ends the current document and returns its bytes. */
export function take(out: Output): Buffer {
  const document = out.bytes.subarray(out.start, out.at);
  out.start = out.at;
  return document;
}

export const PAGE_BYTES = 1_048_576;

/** Makes room for `more` bytes after the current document, whose start index does not change. */
export function reserve(out: Output, more: number): Buffer {
  if (out.at + more > out.bytes.length) grow(out, more);
  return out.bytes;
}

function grow(out: Output, more: number): void {
  const bytes = Buffer.allocUnsafeSlow(out.start + Math.max(PAGE_BYTES, (out.at - out.start + more) * 2));
  out.bytes.copy(bytes, out.start, out.start, out.at);
  moveTo(out, bytes);
}

/** Finished JSON, e.g. from a cache. */
export function putBytes(out: Output, ready: Uint8Array): void {
  reserve(out, ready.length).set(ready, out.at);
  out.at += ready.length;
}

/** A copy of what the current document contains from `from` on. */
export function since(out: Output, from: number): Buffer {
  return Buffer.from(out.bytes.subarray(from, out.at));
}

export function putByte(out: Output, byte: number): void {
  const bytes = reserve(out, 1);
  bytes[out.at++] = byte;
}
