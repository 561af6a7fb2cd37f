import { Readable } from 'node:stream';
import { messageOf, RetryableError } from '../contracts/errors.ts';
import { retry } from '../io/retry.ts';
import { printable } from '../text/printable.ts';
import { isFinal } from './body.ts';
import { refuseExcess } from './length.ts';
import type { ObjectRef } from './object.ts';
import { type ReadOptions } from './read-options.ts';

/** Bodies being read, destroyed together on abort: a listener for each costs more than reading the body. */
export type OpenBodies = Set<Readable>;

/**
 * The raw bytes of a small object from `start` on, in one piece. Same contract as `readBody`, whose machinery costs
 * more than a small object itself; here, the backoff starts only after a failure.
 */
export async function readWhole(
  ref: ObjectRef,
  start: number,
  options: Pick<ReadOptions, 'open' | 'retry' | 'log' | 'meter'>,
  signal: AbortSignal,
  bodies: OpenBodies,
): Promise<Buffer> {
  const { retry: policy, log, meter } = options;
  const pieces: Buffer[] = [];
  let at = start;
  const keep = (piece: Uint8Array): void => {
    at += piece.length;
    meter.add('bytes_read', piece.length);
    refuseExcess(ref, at);
    pieces.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  };
  const attempt = async (): Promise<void> => {
    signal.throwIfAborted();
    try {
      const body = await options.open(ref, at, signal);
      if (!(body instanceof Readable)) for await (const piece of body) keep(piece);
      else if (signal.aborted) body.destroy();
      else await drain(body, keep, bodies);
      if (at < ref.size) throw new Error(`the body ended at byte ${at} of ${ref.size}`);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (isFinal(error)) throw error;
      throw new RetryableError(messageOf(error), { cause: error });
    }
  };
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    meter.add('retries');
    await retry(attempt, { policy, signal, what: `reading ${printable(ref.uri)}`, log, meter });
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}

/** Events instead of `for await`, which costs a dozen promises for one piece. */
function drain(body: Readable, keep: (piece: Uint8Array) => void, bodies: OpenBodies): Promise<void> {
  bodies.add(body);
  return new Promise<void>((resolve, reject) => {
    body.on('data', (piece: Uint8Array) => {
      try {
        keep(piece);
      } catch (error) {
        body.destroy();
        reject(error);
      }
    });
    body.once('end', resolve);
    body.once('error', reject);
    body.once('close', () => {
      bodies.delete(body);
      // An error has a stack, which costs as much as the rest of this.
      if (!body.readableEnded) reject(new Error('the body broke off'));
    });
  });
}
