import type { Readable } from 'node:stream';
import { type ObjectRef, ObjectUnreadableError } from '../../objects/object.ts';

/** The bytes that a reply contains, according to its headers. */
export interface Extent {
  /** Its Content-Range; undefined if it contains the whole object. */
  readonly range: string | undefined;
  /** Size of the whole object. */
  readonly total: number | undefined;
}

/**
 * The body from byte `start` on. If a server ignores `Range` and sends the whole object, its beginning is skipped.
 * Throws `ObjectUnreadableError` for a different range than requested, and for an object whose size is not the
 * listed one: where it ends, and where to resume in it, would be a guess.
 */
export function bodyFrom(
  body: Readable,
  ref: ObjectRef,
  start: number,
  { range, total }: Extent,
): AsyncIterable<Uint8Array> {
  if (range !== undefined && !range.startsWith(`bytes ${start}-`)) {
    throw unreadable(`the server sends a different range (${range}) than from byte ${start} on`);
  }
  if (ref.version !== '' && total !== undefined && total !== ref.size) {
    const listed = ref.size < 0 ? 'without a size' : `with ${ref.size} bytes`;
    throw unreadable(`it was listed ${listed}, but the server sends it with ${total}`);
  }
  return range === undefined && start > 0 ? after(body, start) : body;
}

async function* after(body: Readable, start: number): AsyncGenerator<Uint8Array> {
  let left = start;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    if (piece.length > left) yield left === 0 ? piece : piece.subarray(left);
    left = Math.max(0, left - piece.length);
  }
}

function unreadable(reason: string): ObjectUnreadableError {
  return new ObjectUnreadableError({ code: 'object_unreadable', reason });
}
