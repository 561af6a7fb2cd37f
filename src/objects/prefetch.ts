import { readBody } from './body.ts';
import type { ObjectRef } from './object.ts';
import { type ReadOptions } from './read-options.ts';
import { type OpenBodies, readWhole } from './whole.ts';

/** A larger object is streamed in its turn; a smaller one is fetched whole while others are read. */
const WHOLE_BYTES = 2 ** 20;
const NOTHING = Buffer.alloc(0);
/**
 * The line may be this many times as long as the number of objects being fetched, so that one slow reply does not
 * keep others from being requested.
 */
const LINE = 4;
const DEFAULT_WINDOW = { objects: 32, bytes: 16 * 2 ** 20 };

/** An object in line: its raw bytes from `start` on, already being fetched if it is small. */
export interface Fetched {
  readonly ref: ObjectRef;
  readonly start: number;
  /** The body is one piece. */
  readonly whole: boolean;
  /** That piece, once it has arrived. */
  readonly bytes: Buffer | undefined;
  /** May be called once; throws the errors of the fetch. */
  body(): AsyncIterable<Buffer>;
}

/** Objects in listing order. `next` returns undefined at the end of the listing. */
export interface Prefetch {
  /** The next object if it is in line, without waiting; undefined does not mean the end. */
  ready(): Fetched | undefined;
  next(): Promise<Fetched | undefined>;
  close(): Promise<void>;
}

/**
 * Fetches small objects ahead, within a window bounded in objects and bytes. `startOf` returns the byte at which
 * reading an object starts. `signal` ends all fetches.
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
  const bodies: OpenBodies = new Set();
  let inWindow = 0;
  let underWay = 0;
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
    // Acked to its last byte. Stores refuse a range that starts at the end.
    if (start > 0 && start >= ref.size) return { ref, start, whole, bytes: NOTHING, async *body() {} };
    if (!whole) {
      return { ref, start, whole, bytes: undefined, body: () => readBody(ref, start, options, signal) };
    }
    underWay += 1;
    const under = readWhole(ref, start, options, signal, bodies);
    const fetched = {
      ref,
      start,
      whole,
      bytes: undefined as Buffer | undefined,
      async *body() {
        yield await under;
      },
    };
    const ended = (bytes?: Buffer): void => {
      fetched.bytes = bytes;
      underWay -= 1;
      fill();
    };
    // Awaited in its turn; until then, a failure must not count as an unhandled rejection.
    under.then(ended, () => ended());
    return fetched;
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
    if (pulling || listed || failure || signal.aborted) return;
    const full = underWay >= objects || line.length >= objects * LINE || inWindow >= bytes;
    if (full && line.length > 0) return;
    pulling = pull();
  };

  const ready = (): Fetched | undefined => {
    const first = line.shift();
    if (first === undefined) return undefined;
    inWindow -= first.size;
    fill();
    return first.fetched;
  };

  const aborted = (): void => {
    for (const body of bodies) body.destroy();
  };
  signal.addEventListener('abort', aborted, { once: true });

  return {
    ready,
    async next() {
      for (;;) {
        const first = ready();
        if (first) return first;
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
