import type { RetryPolicy } from '../../contracts/component.ts';
import { ConfigError } from '../../contracts/errors.ts';
import { hold, type Queue, type Received, type Refused, remove } from './queue.ts';

/** A message that is ours, until it is deleted or lapses. */
export interface Held {
  readonly id: string;
  receipt: string;
  /** When it last was made ours for `visibilityMs`. */
  since: number;
}

/** The messages this process has in its hands. */
export interface Holdings {
  /** Keeps a message from others; undefined when we hold it already and it came again (late heartbeats). */
  take(message: Received): Held | undefined;
  /** Lets a message come again by itself, when its visibility runs out. */
  lapse(held: Held): void;
  /** Gives a message back at once. */
  giveBack(held: Held): void;
  /** Marks a message as done. It stays ours until `flush` has deleted it. */
  finish(held: Held): void;
  /**
   * Deletes what is finished. A failed delete is only a redelivery and counted (`queue_delete_failures`). Throws
   * `ConfigError` when the queue refuses us, then or before.
   */
  flush(): Promise<void>;
  /** Gives back everything that is not done, as far as that goes in a few seconds. Never throws. */
  close(): Promise<void>;
}

/** Heartbeats are looked at four times, and sent about twice, in the time they give: one may fail. */
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

  /** Trying for longer than until the next look helps nobody. */
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
      // One that was deleted meanwhile cannot be kept, and need not be.
      else if (all.get(held.id) === held) failed += 1;
    }
    meter.add('queue_heartbeats', due.length - refused.receipts.size);
    if (failed === 0) return;
    meter.add('queue_heartbeat_failures', failed);
    log.warn(
      { messages: failed, reason: refused.reason },
      'messages could not be kept: another reader may get them too',
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
    log.warn({ messages: failed, reason: refused.reason }, 'messages could not be deleted: they come again');
  };

  return {
    take({ id, receipt }) {
      const known = all.get(id);
      if (known !== undefined) {
        // The older receipt may delete nothing any more.
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
