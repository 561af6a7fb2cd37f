import { setMaxListeners } from 'node:events';
import type { Fault, Origin } from '../contracts/types.ts';
import { type Compression, detectCompression } from '../records/compression.ts';
import { DamagedContentError, RefusedContentError } from '../records/content-errors.ts';
import { decompress } from '../records/decompress.ts';
import { createFramer } from '../records/framing.ts';
import { type ChunkBuilder, createChunkBuilder } from './chunks.ts';
import {
  type Chunk,
  ObjectChangedError,
  ObjectGoneError,
  type ObjectRef,
  ObjectUnreadableError,
  type ResumePoint,
} from './object.ts';
import { createPrefetch, type Fetched } from './prefetch.ts';
import type { ReadOptions } from './read-options.ts';
import { waitFor } from './waiting.ts';

/** An unfinished chunk is yielded if nothing arrives for this long. */
const PAUSE_MS = 50;
/** Content framed before checking for full chunks, so that records never pile up. */
const PIECE_BYTES = 64 * 2 ** 10;

/**
 * The records of all objects, strictly in listing order, as chunks within `batch` that may span many small objects.
 * Small objects are fetched ahead, large ones are streamed. Objects that are gone or changed are `missed`; those
 * that cannot be read or decompressed are `failed`, after the records before the damage. Content over a limit, or
 * in an unsupported form, ends with a record that has the fault, and the object is done. Errors of `open` or the
 * listing that concern the whole source are thrown after everything read before was yielded. Counts `bytes_read`
 * (as stored), `objects_gone` and `objects_changed`; the source counts `objects_read` when chunks settle.
 */
export async function* readObjects(
  refs: AsyncIterable<ObjectRef>,
  options: ReadOptions,
): AsyncGenerator<Chunk, void, undefined> {
  const closing = new AbortController();
  const signal = AbortSignal.any([options.stop, options.abort, closing.signal]);
  // Each object in the window listens to it.
  setMaxListeners(0, signal);
  const chunks = createChunkBuilder(options.batch);
  const resumes = new Map<ObjectRef, ResumePoint>();
  const startOf = (ref: ObjectRef): number => {
    const point = options.resume?.(ref);
    if (point?.key !== ref.key || point.version !== ref.version) return 0;
    resumes.set(ref, point);
    return point.offset ?? 0;
  };
  const prefetch = createPrefetch(refs, options, startOf, signal);

  /** Waits for `promise`, yielding pending chunks if it takes long. Ends with undefined on abort. */
  async function* patiently<T>(
    promise: Promise<T>,
  ): AsyncGenerator<Chunk, { value: T } | undefined, undefined> {
    for (;;) {
      const waited = await waitFor(promise, signal, chunks.pending ? PAUSE_MS : undefined);
      if (waited === 'aborted') return undefined;
      if (waited !== 'paused') return waited;
      const chunk = chunks.flush();
      if (chunk) yield chunk;
    }
  }

  /** Frames a small, uncompressed object that has already arrived; returns whether it was one. */
  const readPlain = (fetched: Fetched): boolean => {
    const { ref, start, bytes } = fetched;
    if (bytes === undefined || start + bytes.length > options.limits.objectBytes) return false;
    if (start === 0 && detectCompression(bytes) !== 'none') return false;
    const framing = frameObject(fetched, resumes.get(ref), options, chunks);
    resumes.delete(ref);
    framing.push(bytes);
    framing.end();
    chunks.done(ref);
    return true;
  };

  async function* readOne(fetched: Fetched): AsyncGenerator<Chunk, void, undefined> {
    const { ref } = fetched;
    let entered = false;
    const point = resumes.get(ref);
    const framing = frameObject(fetched, point, options, chunks);
    resumes.delete(ref);
    const content = decompress(fetched.body(), {
      limits: options.limits,
      start: fetched.start,
      whole: fetched.whole,
      detected: (compression) => framing.detected(compression),
    });
    try {
      for (;;) {
        const pulled = yield* patiently(content.next());
        if (!pulled) return;
        if (pulled.value.done) break;
        const piece = pulled.value.value;
        for (let at = 0; at < piece.length; at += PIECE_BYTES) {
          framing.push(piece.subarray(at, at + PIECE_BYTES));
          if (!entered && framing.entered) {
            entered = true;
            await options.entered?.();
          }
          for (let chunk = chunks.take(); chunk; chunk = chunks.take()) yield chunk;
        }
      }
      framing.end();
      chunks.done(ref);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ObjectUnreadableError || error instanceof DamagedContentError)
        chunks.failed(ref, error.fault, point);
      else endWith(error, ref, framing);
    } finally {
      // Not awaited: a pending pull ends with the signal, and its error no longer matters.
      content.return().catch(() => undefined);
    }
  }

  const endWith = (error: unknown, ref: ObjectRef, framing: ObjectFraming): void => {
    if (error instanceof RefusedContentError) {
      framing.end(error.fault);
      chunks.done(ref);
    } else if (error instanceof ObjectGoneError || error instanceof ObjectChangedError) {
      chunks.missed(ref);
      options.meter.add(error instanceof ObjectGoneError ? 'objects_gone' : 'objects_changed');
    } else throw error;
  };

  try {
    let failure: { error: unknown } | undefined;
    try {
      for (;;) {
        const next = prefetch.ready() ?? (yield* patiently(prefetch.next()))?.value;
        if (next === undefined) break;
        if (!readPlain(next)) yield* readOne(next);
        for (let chunk = chunks.take(); chunk; chunk = chunks.take()) yield chunk;
      }
    } catch (error) {
      failure = { error };
    }
    options.abort.throwIfAborted();
    if (options.stop.aborted) return;
    const last = chunks.flush();
    if (last) yield last;
    if (failure) throw failure.error;
  } finally {
    closing.abort();
    prefetch.close().catch(() => undefined);
  }
}

interface ObjectFraming {
  /** The part that was acked before has been passed. */
  readonly entered: boolean;
  detected(compression: Compression): void;
  push(bytes: Buffer): void;
  end(fault?: Fault): void;
}

/**
 * The framer of one object, starting at its resume point; if content cannot be entered there, it skips the acked
 * records.
 */
function frameObject(
  { ref, start }: Fetched,
  point: ResumePoint | undefined,
  options: ReadOptions,
  chunks: ChunkBuilder,
): ObjectFraming {
  const origin: Origin = {
    source: options.source,
    uri: ref.uri,
    ...(ref.version !== '' && { version: ref.version }),
  };
  let count = start > 0 ? (point?.records ?? 0) : 0;
  const skip = start > 0 ? 0 : (point?.records ?? 0);
  let canEnter = true;
  const framer = createFramer({
    origin,
    recordBytes: options.limits.recordBytes,
    offset: start,
    inArray: start > 0 && point?.inArray === true,
    emit(record, end) {
      count += 1;
      if (count <= skip) return;
      const bytes = record.fault ? Buffer.byteLength(record.text) : end - record.offset;
      chunks.add(record, bytes, {
        key: ref.key,
        version: ref.version,
        records: count,
        ...(canEnter ? { offset: end, ...(framer.inArray && { inArray: true as const }) } : { reached: end }),
      });
    },
  });
  return {
    get entered() {
      return count >= skip;
    },
    detected(compression) {
      canEnter = compression === 'none';
    },
    push: (bytes) => framer.push(bytes),
    end: (fault) => framer.end(fault),
  };
}
