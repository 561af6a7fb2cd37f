import { once } from 'node:events';
import zlib from 'node:zlib';

/** How much is compressed at a time. */
export const SLICE_BYTES = 512 * 2 ** 10;
const CHUNK_BYTES = 128 * 2 ** 10;

/** Memory of slices no longer in use: as many as there were bodies being built concurrently. */
const FREE: Buffer[] = [];

/**
 * A body in slices that share the same memory: each is valid until the next is requested. `put` writes an item, of at
 * most `most` bytes, at a place and returns the place after it.
 */
export function* inSlices<Item>(
  items: Iterable<Item>,
  most: (item: Item) => number,
  put: (item: Item, slice: Buffer, at: number) => number,
): Generator<Buffer> {
  const usual = FREE.pop() ?? Buffer.allocUnsafeSlow(SLICE_BYTES);
  let slice = usual;
  let at = 0;
  for (const item of items) {
    const bytes = most(item);
    if (at > 0 && at + bytes > slice.length) {
      yield slice.subarray(0, at);
      at = 0;
    }
    if (bytes > slice.length) slice = Buffer.allocUnsafeSlow(bytes);
    at = put(item, slice, at);
  }
  if (at > 0) yield slice.subarray(0, at);
  // Skipped if the consumer left early, because it may still be reading.
  FREE.push(usual);
}

/**
 * A body, gzipped slice by slice: the plain bodies of all requests in flight would be most of what the program holds in
 * memory. Each slice is read before the next is requested. Level 1 does a third of the work of the usual level 6, and the
 * bodies compress ten to one either way.
 */
export async function gzipSlices(slices: Iterable<Buffer>): Promise<Buffer> {
  const stream = zlib.createGzip({ level: 1, chunkSize: CHUNK_BYTES });
  const made: Buffer[] = [];
  stream.on('data', (piece: Buffer) => made.push(piece));
  const ended = once(stream, 'end');
  // Awaited below; until then a failure must not count as unhandled.
  ended.catch(() => undefined);
  const write = (slice: Buffer): Promise<void> =>
    new Promise((resolve, reject) => stream.write(slice, (error) => (error ? reject(error) : resolve())));
  for (const slice of slices) await write(slice);
  stream.end();
  await ended;
  return Buffer.concat(made);
}
