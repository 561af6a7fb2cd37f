import type { Readable } from 'node:stream';
import { type ObjectRef, ObjectUnreadableError } from '../../objects/object.ts';

/** What a reply says about the bytes it brings. */
export interface Extent {
  /** Its Content-Range; undefined when it brings the whole object. */
  readonly range: string | undefined;
  /** Size of the whole object. */
  readonly total: number | undefined;
}

/**
 * The body from byte `start` on. A server that ignores `Range` sends the whole object, whose beginning is passed over.
 * Throws `ObjectUnreadableError` for another range than asked for, and for an object whose size is not the one listed:
 * where it ends, and where to go on in it, would be a guess.
 */
export function bodyFrom(
  body: Readable,
  ref: ObjectRef,
  start: number,
  { range, total }: Extent,
): AsyncIterable<Uint8Array> {
  if (range !== undefined && !range.startsWith(`bytes ${start}-`)) {
    throw unreadable(`the server sends another range (${range}) than from byte ${start} on`);
  }
  if (ref.version !== '' && total !== undefined && total !== ref.size) {
    const listed = ref.size < 0 ? 'without a size' : `with ${ref.size} bytes`;
    throw unreadable(`it is listed ${listed}, and the server sends it with ${total}`);
  }
  return range === undefined && start > 0 ? behind(body, start) : body;
}

async function* behind(body: Readable, start: number): AsyncGenerator<Uint8Array> {
  let left = start;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    if (piece.length > left) yield left === 0 ? piece : piece.subarray(left);
    left = Math.max(0, left - piece.length);
  }
}

function unreadable(reason: string): ObjectUnreadableError {
  return new ObjectUnreadableError({ code: 'object_unreadable', reason });
}
