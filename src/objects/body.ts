import { ConfigError, messageOf, RetryableError, UnavailableError } from '../contracts/errors.ts';
import { retry } from '../io/retry.ts';
import { printable } from '../text/printable.ts';
import { refuseExcess } from './length.ts';
import { ObjectChangedError, ObjectGoneError, type ObjectRef, ObjectUnreadableError } from './object.ts';
import { type ReadOptions } from './read-options.ts';

/** An open body: pulled from, or closed early so that its socket or file handle is freed. */
interface OpenBody {
  next(): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

function openBody(body: AsyncIterable<Uint8Array>): OpenBody {
  const iterator = body[Symbol.asyncIterator]();
  return {
    async next() {
      const { value, done } = await iterator.next();
      if (done) return undefined;
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    },
    async close() {
      // The iterator of a stream that was never pulled does not destroy the stream on return.
      if ('destroy' in body && typeof body.destroy === 'function') body.destroy();
      else await iterator.return?.();
    },
  };
}

/** Errors that are a final answer; anything else while reading a body means that the connection broke. */
export function isFinal(error: unknown): boolean {
  return (
    error instanceof ObjectGoneError ||
    error instanceof ObjectChangedError ||
    error instanceof ObjectUnreadableError ||
    error instanceof ConfigError ||
    error instanceof UnavailableError ||
    error instanceof RetryableError
  );
}

/**
 * A body that breaks off again before this much arrived made no progress: a server may send one byte with each
 * reply.
 */
export const PROGRESS_BYTES = 64 * 2 ** 10;

/**
 * The raw bytes of an object from `start` on. A body that breaks off is reopened at that point, as often as needed,
 * within the retry policy since its last progress. A body that ends before its listed size also counts as broken
 * off; one that is longer is an `ObjectUnreadableError`, and its last piece is not yielded. Closed by leaving early
 * or by `signal`.
 */
export async function* readBody(
  ref: ObjectRef,
  start: number,
  options: Pick<ReadOptions, 'open' | 'retry' | 'log' | 'meter'>,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let at = start;
  let body: OpenBody | undefined;
  const close = async (): Promise<void> => {
    const open = body;
    body = undefined;
    await open?.close();
  };
  const pull = async (): Promise<Buffer | undefined> => {
    signal.throwIfAborted();
    body ??= openBody(await options.open(ref, at, signal));
    try {
      const piece = await body.next();
      if (!piece && at < ref.size) throw new Error(`the body ended at byte ${at} of ${ref.size}`);
      return piece;
    } catch (error) {
      await close();
      if (isFinal(error) || signal.aborted) throw error;
      throw new RetryableError(messageOf(error), { cause: error });
    }
  };
  const { retry: policy, log, meter } = options;
  const what = `reading ${printable(ref.uri)}`;
  let broke = { at: Number.NEGATIVE_INFINITY, waitedMs: 0 };
  /** The retry policy for a body that just broke off. Time in which the consumer was busy does not count. */
  const lasting = (error: RetryableError) => {
    if (at - broke.at >= PROGRESS_BYTES) broke = { at, waitedMs: 0 };
    const maxElapsedMs = policy.maxElapsedMs - broke.waitedMs;
    if (maxElapsedMs > 0) return { ...policy, maxElapsedMs };
    throw new UnavailableError(
      `${what}: ${error.message} (gave up: ${at - broke.at} bytes arrived in ${Math.round(broke.waitedMs)} ms)`,
      { cause: error },
    );
  };
  const aborted = (): void => void close().catch(() => undefined);
  signal.addEventListener('abort', aborted, { once: true });
  try {
    for (;;) {
      const asked = performance.now();
      const piece = await pull().catch((error: unknown) => {
        // Only the first failure needs `retry`, not every piece: it tries again immediately, then backs off.
        if (!(error instanceof RetryableError) || signal.aborted)
          throw signal.aborted ? signal.reason : error;
        meter.add('retries');
        return retry(pull, { policy: lasting(error), signal, what, log, meter });
      });
      broke.waitedMs += performance.now() - asked;
      if (!piece) return;
      at += piece.length;
      meter.add('bytes_read', piece.length);
      refuseExcess(ref, at);
      yield piece;
    }
  } finally {
    signal.removeEventListener('abort', aborted);
    await close();
  }
}
