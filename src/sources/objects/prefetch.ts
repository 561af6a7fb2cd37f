import { readBody } from './body.ts';
import type { ObjectRef } from './object.ts';
import type { ReadOptions } from './reader.ts';

/** A larger object streams when its turn comes; a smaller one is fetched whole while others are read. */
const WHOLE_BYTES = 2 ** 20;
const DEFAULT_WINDOW = { objects: 32, bytes: 16 * 2 ** 20 };

/** An object in line: its raw bytes from `start` on, already under way when it is small. */
export interface Fetched {
  readonly ref: ObjectRef;
  readonly start: number;
  /** The body is one piece. */
  readonly whole: boolean;
  /** May be called once; errors of the fetch are thrown here. */
  body(): AsyncIterable<Buffer>;
}

/** Objects in listing order. `next` gives undefined at the end of the listing. */
export interface Prefetch {
  next(): Promise<Fetched | undefined>;
  close(): Promise<void>;
}

/**
 * Fetches small objects ahead, within a window bounded in objects and bytes. `startOf` gives the byte from which an
 * object is read. `signal` ends everything under way.
 */
export function createPrefetch(
  refs: AsyncIterable<ObjectRef>,
  options: ReadOptions,
  startOf: (ref: ObjectRef) => number,
  signal: AbortSignal,
): Prefetch {
  const { objects, bytes } = options.window ?? DEFAULT_WINDOW;
  const listing = refs[Symbol.asyncIterator]();
  const line: { fetched: Fetched; size: number }[] = [];
  let inWindow = 0;
  let listed = false;
  let failure: { error: unknown } | undefined;
  let pulling: Promise<void> | undefined;

  const enter = (ref: ObjectRef): void => {
    const start = startOf(ref);
    const size = Math.max(0, ref.size - start);
    const whole = size <= WHOLE_BYTES && ref.size > 0;
    inWindow += whole ? size : 0;
    line.push({ fetched: fetch(ref, start, whole), size: whole ? size : 0 });
  };

  const fetch = (ref: ObjectRef, start: number, whole: boolean): Fetched => {
    // Acked to its last byte; a store refuses a range that begins at the end.
    if (start > 0 && start >= ref.size) return { ref, start, whole, async *body() {} };
    const stream = (): AsyncIterable<Buffer> => readBody(ref, start, options, signal);
    if (!whole) return { ref, start, whole, body: stream };
    const under = collect(stream());
    // It is awaited when its turn comes; until then a failure is nobody's.
    under.catch(() => undefined);
    return {
      ref,
      start,
      whole,
      async *body() {
        yield await under;
      },
    };
  };

  const pull = async (): Promise<void> => {
    try {
      const { value, done } = await listing.next();
      if (done) listed = true;
      else enter(value);
    } catch (error) {
      failure = { error };
    }
    pulling = undefined;
    fill();
  };

  /** Fills the window in the background; one pull of the listing at a time. */
  const fill = (): void => {
    if (pulling || listed || failure || line.length >= objects || inWindow >= bytes) return;
    pulling = pull();
  };

  return {
    async next() {
      for (;;) {
        const first = line.shift();
        if (first) {
          inWindow -= first.size;
          fill();
          return first.fetched;
        }
        fill();
        if (pulling) await pulling;
        else if (failure) throw failure.error;
        else return undefined;
      }
    },
    async close() {
      listed = true;
      await listing.return?.(undefined);
    },
  };
}

async function collect(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return all.length === 1 && all[0] ? all[0] : Buffer.concat(all);
}
