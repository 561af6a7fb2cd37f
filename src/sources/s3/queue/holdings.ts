import { ConfigError } from '../../../errors.ts';
import { hold, type Queue, type Received, remove } from './queue.ts';

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
   * Sends what `finish` and `giveBack` have gathered. A failed delete is only a redelivery and counted
   * (`queue_delete_failures`). Throws `ConfigError` when the queue refuses us, heartbeats included.
   */
  flush(): Promise<void>;
  /** Gives back everything that is not done, as far as that goes in a few seconds. Never throws. */
  close(): Promise<void>;
}

/** Heartbeats are looked at four times, and sent about twice, in the time they give: two may fail. */
const LOOKS = 4;
const DUE = 0.4;
const CLOSE_MS = 5_000;

export function createHoldings(queue: Queue): Holdings {
  const { visibilityMs, context } = queue;
  const { meter, log, abort } = context;
  const all = new Map<string, Held>();
  let finished: Held[] = [];
  let returned: Held[] = [];
  let refusal: ConfigError | undefined;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> | undefined;

  const beat = async (): Promise<void> => {
    const now = performance.now();
    const due = [...all.values()].filter(({ since }) => now - since >= visibilityMs * DUE);
    if (due.length === 0) return;
    try {
      const policy = {
        ...context.retry,
        maxElapsedMs: Math.min(context.retry.maxElapsedMs, visibilityMs / LOOKS),
      };
      const sent = due.map((held) => ({ held, receipt: held.receipt }));
      const refused = await hold(
        queue,
        sent.map(({ receipt }) => receipt),
        { ms: visibilityMs, policy, signal: abort },
      );
      for (const { held, receipt } of sent) if (!refused.receipts.has(receipt)) held.since = now;
      const failed = refused.receipts.size;
      meter.add('queue_heartbeats', sent.length - failed);
      if (failed === 0) return;
      meter.add('queue_heartbeat_failures', failed);
      log.warn(
        { messages: failed, reason: refused.reason },
        'messages could not be kept: another reader may get them too',
      );
    } catch (error) {
      if (error instanceof ConfigError) refusal = error;
      else if (!abort.aborted) log.warn({ reason: String(error) }, 'heartbeats failed');
    }
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

  const flush = async (signal = abort, policy = context.retry): Promise<void> => {
    if (refusal !== undefined) throw refusal;
    const done = finished;
    const back = returned;
    finished = [];
    returned = [];
    if (back.length > 0) {
      back.forEach(forget);
      const receipts = back.map(({ receipt }) => receipt);
      await hold(queue, receipts, { ms: 0, policy, signal });
    }
    if (done.length === 0) return;
    const receipts = done.map(({ receipt }) => receipt);
    const refused = await remove(queue, receipts, signal);
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
    giveBack: (held) => void returned.push(held),
    finish: (held) => void finished.push(held),
    flush: () => flush(),
    async close() {
      const signal = AbortSignal.timeout(CLOSE_MS);
      const policy = { ...context.retry, maxElapsedMs: CLOSE_MS };
      clearInterval(timer);
      try {
        await beating;
        const done = new Set(finished);
        returned = [...all.values()].filter((held) => !done.has(held));
        await flush(signal, policy);
      } catch (error) {
        log.debug({ reason: String(error) }, 'messages were not given back: they come again by themselves');
      }
    },
  };
}
