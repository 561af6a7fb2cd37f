import type { RetryPolicy } from '../../contracts/component.ts';
import { ConfigError } from '../../contracts/errors.ts';
import { hold, type Queue, type Received, type Refused, remove } from './queue.ts';

/** A message that is ours until it is deleted or lapses. */
export interface Held {
  readonly id: string;
  receipt: string;
  /** When it last became ours for `visibilityMs`. */
  since: number;
}

/** The messages that this process holds. */
export interface Holdings {
  /** Keeps a message from others; undefined if we already hold it and received it again (late heartbeats). */
  take(message: Received): Held | undefined;
  /** Lets a message return by itself when its visibility runs out. */
  lapse(held: Held): void;
  /** Returns a message immediately. */
  giveBack(held: Held): void;
  /** Marks a message as done. It stays ours until `flush` has deleted it. */
  finish(held: Held): void;
  /**
   * Deletes the finished messages. A failed delete only causes a redelivery, and is counted (`queue_delete_failures`).
   * Throws `ConfigError` if the queue refuses us, now or earlier.
   */
  flush(): Promise<void>;
  /** Returns every message that is not done, as far as possible within a few seconds. Never throws. */
  close(): Promise<void>;
}

/** Within the time that a heartbeat gives, they are checked four times and sent about twice: one may fail. */
const LOOKS = 4;
const DUE = 0.4;
const CLOSE_MS = 5_000;

export function createHoldings(queue: Queue): Holdings {
  const { visibilityMs, context } = queue;
  const { meter, log, abort } = context;
  const all = new Map<string, Held>();
  let finished: Held[] = [];
  let refusal: ConfigError | undefined;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> | undefined;

  /** There is no point in retrying beyond the next check. */
  const brief: RetryPolicy = {
    ...context.retry,
    maxElapsedMs: Math.min(context.retry.maxElapsedMs, visibilityMs / LOOKS),
  };
  const keep = async (helds: readonly Held[], ms: number, signal = abort): Promise<Refused | undefined> => {
    const receipts = helds.map(({ receipt }) => receipt);
    try {
      return await hold(queue, receipts, { ms, policy: brief, signal });
    } catch (error) {
      if (error instanceof ConfigError) refusal = error;
      else log.debug({ reason: String(error) }, 'the visibility of messages was not changed');
      return undefined;
    }
  };

  const beat = async (): Promise<void> => {
    const now = performance.now();
    const due = [...all.values()].filter(({ since }) => now - since >= visibilityMs * DUE);
    if (due.length === 0) return;
    const before = new Map(due.map((held) => [held, held.receipt]));
    const refused = await keep(due, visibilityMs);
    if (refused === undefined) return;
    let failed = 0;
    for (const [held, receipt] of before) {
      if (!refused.receipts.has(receipt)) held.since = now;
      // If it was deleted meanwhile, it cannot and need not be kept.
      else if (all.get(held.id) === held) failed += 1;
    }
    meter.add('queue_heartbeats', due.length - refused.receipts.size);
    if (failed === 0) return;
    meter.add('queue_heartbeat_failures', failed);
    log.warn(
      { messages: failed, reason: refused.reason },
      'messages could not be kept: another reader may receive them too',
    );
  };
  const look = (): void => {
    beating ??= beat().finally(() => {
      beating = undefined;
    });
  };
  const forget = (held: Held): void => {
    if (all.get(held.id) === held) all.delete(held.id);
    if (all.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  const flush = async (): Promise<void> => {
    if (refusal !== undefined) throw refusal;
    const done = finished;
    finished = [];
    if (done.length === 0) return;
    const refused = await remove(
      queue,
      done.map(({ receipt }) => receipt),
      abort,
    );
    done.forEach(forget);
    const failed = refused.receipts.size;
    meter.add('queue_deletes', done.length - failed);
    if (failed === 0) return;
    meter.add('queue_delete_failures', failed);
    log.warn(
      { messages: failed, reason: refused.reason },
      'messages could not be deleted: they will be received again',
    );
  };

  return {
    take({ id, receipt }) {
      const known = all.get(id);
      if (known !== undefined) {
        // The older receipt may no longer be valid for deleting.
        known.receipt = receipt;
        known.since = performance.now();
        return undefined;
      }
      const held: Held = { id, receipt, since: performance.now() };
      all.set(id, held);
      timer ??= setInterval(look, visibilityMs / LOOKS).unref();
      return held;
    },
    lapse: forget,
    giveBack(held) {
      forget(held);
      void keep([held], 0);
    },
    finish: (held) => void finished.push(held),
    flush,
    async close() {
      clearInterval(timer);
      await beating;
      const done = new Set(finished);
      const back = [...all.values()].filter((held) => !done.has(held));
      if (back.length > 0) await keep(back, 0, AbortSignal.timeout(CLOSE_MS));
    },
  };
}
