import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../contracts/types.ts';
import type { AckVerdict } from './classify.ts';

export interface AckOptions {
  /** Asks for these ids on the channel that got them. Rejects only if the signal aborts. */
  readonly query: (ids: readonly number[], signal: AbortSignal) => Promise<AckVerdict>;
  /** Makes the error that stops the run. */
  readonly refuse: (reason: string) => Error;
  readonly pollMs: number;
  readonly timeoutMs: number;
  readonly log: Log;
}

interface Waiting {
  readonly deadline: number;
  readonly settle: (indexed: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Resolves `true` if the indexer says the id is indexed, `false` if it has not within the timeout: then it is
 * unknown. Rejects if the receiver has no acks, or with the abort reason. One loop asks for all ids of the channel;
 * once an id was confirmed, it is never asked for again, because receivers forget it.
 */
export type AckWait = (ackId: number, signal: AbortSignal) => Promise<boolean>;

export function createAckWait({ query, refuse, pollMs, timeoutMs, log }: AckOptions): AckWait {
  const pending = new Map<number, Waiting>();
  let loop: AbortController | undefined;

  function take(id: number): Waiting | undefined {
    const waiting = pending.get(id);
    pending.delete(id);
    if (pending.size === 0) loop?.abort();
    return waiting;
  }

  async function ask(signal: AbortSignal): Promise<void> {
    const verdict = await query([...pending.keys()], signal);
    if (verdict.act === 'config') {
      for (const id of pending.keys()) take(id)?.fail(refuse(verdict.reason));
      return;
    }
    if (verdict.act === 'answered') {
      for (const id of verdict.indexed) take(id)?.settle(true);
    } else {
      log.debug({ reason: verdict.reason }, 'the query for acknowledgements failed, will try again');
    }
    const now = Date.now();
    for (const [id, { deadline }] of pending) if (deadline <= now) take(id)?.settle(false);
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await sleep(pollMs, undefined, { signal });
        await ask(signal);
      } catch (error) {
        if (!signal.aborted) for (const id of pending.keys()) take(id)?.fail(error);
      }
    }
  }

  return (ackId, signal) =>
    new Promise<boolean>((resolve, reject) => {
      const clash = take(ackId);
      if (clash !== undefined) {
        // The receiver started counting again, or a load balancer sent two requests to two nodes: a "yes" could
        // mean either.
        log.warn({ ack_id: ackId }, 'the receiver gave an ack id twice; sending both again');
        clash.settle(false);
        resolve(false);
        return;
      }
      const onAbort = (): void => take(ackId)?.fail(signal.reason);
      const done = (): void => signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', onAbort, { once: true });
      pending.set(ackId, {
        deadline: Date.now() + timeoutMs,
        settle: (indexed) => {
          done();
          resolve(indexed);
        },
        fail: (error) => {
          done();
          reject(error);
        },
      });
      if (loop === undefined || loop.signal.aborted) {
        loop = new AbortController();
        void run(loop.signal);
      }
      if (signal.aborted) onAbort();
    });
}
