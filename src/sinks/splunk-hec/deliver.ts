import { ConfigError, RetryableError } from '../../errors.ts';
import { type RetryPolicy, retry } from '../../retry.ts';
import type { Document, Log, Meter, Outcome } from '../../types.ts';
import { breakOnRefusal } from '../breaker.ts';
import type { AckWait } from './acks.ts';
import { classify, classifyFailure, type Verdict } from './classify.ts';
import { type Envelope, envelopesText } from './envelope.ts';
import type { Sender } from './logger.ts';
import { NoReplyError } from './transport.ts';

/** A document on its way. */
export interface Item {
  readonly document: Document;
  readonly envelope: Envelope;
  /** It may be in Splunk already: a further send may double it. */
  mayBeIn: boolean;
  sent: boolean;
  outcome?: Outcome;
  /** With a rejection: the destination's word for it. */
  type?: string;
}

export interface DeliveryOptions {
  readonly send: Sender;
  readonly window: <T>(task: () => Promise<T>) => Promise<T>;
  /** Present when delivered means acknowledged. */
  readonly waitForAck: AckWait | undefined;
  readonly index: string | undefined;
  readonly policy: RetryPolicy;
  readonly meter: Meter;
  readonly log: Log;
  /** The receiver, for messages. */
  readonly name: string;
}

type Settled = Extract<Verdict, { act: 'accepted' | 'named' | 'bisect' }>;

export interface Delivery {
  /** Gives every item an outcome; throws to stop the run. The items fit into one request. */
  settle(items: readonly Item[], signal: AbortSignal): Promise<void>;
  /** True once the receiver has taken anything. */
  readonly hasTaken: () => boolean;
}

export function makeDelivery(options: DeliveryOptions): Delivery {
  const { send, window, waitForAck, index, policy, meter, log, name } = options;
  let taken = false;
  /** Whether `invalid-event-number` counts from 0, as Splunk's does, was seen: an error of one would lose an event. */
  let proven = false;
  let wrong = false;

  async function exchange(items: readonly Item[], signal: AbortSignal): Promise<Verdict> {
    const again = items.filter((item) => item.mayBeIn).length;
    if (again > 0) meter.add('possibly_duplicated', again);
    for (const item of items) item.sent = true;
    try {
      const reply = await send(envelopesText(items.map((item) => item.envelope)), signal);
      return classify(reply, { count: items.length, ack: waitForAck !== undefined, index });
    } catch (error) {
      if (error instanceof NoReplyError) return classifyFailure(error.cause, error.connected);
      if (signal.aborted) for (const item of items) item.mayBeIn = true;
      throw error;
    }
  }

  function mark(items: readonly Item[]): void {
    for (const item of items) item.mayBeIn = true;
  }

  /** One try of one request. A verdict that must wait or stop is thrown. */
  async function attempt(items: readonly Item[], signal: AbortSignal): Promise<Settled> {
    const verdict = await window(async () => {
      signal.throwIfAborted();
      return await exchange(items, signal);
    });
    if (verdict.act === 'config') throw new ConfigError(`${name}: ${verdict.reason}`);
    if (verdict.act === 'named') mark(items.slice(0, verdict.index));
    else if (verdict.act === 'accepted' || verdict.mayBeIn) mark(items);
    if (verdict.act === 'retry') {
      throw new RetryableError(verdict.reason, { retryAfterMs: verdict.retryAfterMs });
    }
    if (verdict.act === 'accepted' && waitForAck !== undefined && verdict.ackId !== undefined) {
      const indexed = await waitForAck(verdict.ackId, signal);
      if (!indexed) throw new RetryableError('not acknowledged in time');
    }
    return verdict;
  }

  function deliver(items: readonly Item[]): void {
    if (items.length > 0) taken = true;
    for (const item of items) item.outcome = { fate: 'delivered' };
  }

  function reject(item: Item, verdict: { readonly type: string; readonly reason: string }): void {
    item.outcome = { fate: 'rejected', reason: verdict.reason };
    item.type = verdict.type;
  }

  /** The event that the receiver named, asked about alone until its numbers are known to be right. */
  async function isRefused(
    item: Item,
    verdict: Extract<Verdict, { act: 'named' }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (verdict.index > 0 && !proven) {
      await settleItems([item], signal);
      const right = item.outcome?.fate === 'rejected';
      if (!right)
        log.warn({ sink: name }, 'the receiver names the wrong event; finding refused ones by halves');
      if (right) proven = true;
      else wrong = true;
      return right;
    }
    reject(item, verdict);
    return true;
  }

  async function settleItems(items: readonly Item[], signal: AbortSignal): Promise<void> {
    let rest = items;
    while (rest.length > 0) {
      const sending = rest;
      const verdict = await retry(() => attempt(sending, signal), { policy, signal, what: name, log, meter });
      if (verdict.act === 'accepted') {
        deliver(rest);
        return;
      }
      const [first] = rest;
      if (rest.length === 1 && first !== undefined) {
        reject(first, verdict);
        return;
      }
      const named = verdict.act === 'named' ? rest[verdict.index] : undefined;
      if (verdict.act === 'bisect' || named === undefined || wrong) {
        const half = rest.length >>> 1;
        await settleItems(rest.slice(0, half), signal);
        rest = rest.slice(half);
        continue;
      }
      const before = rest.slice(0, verdict.index);
      const after = rest.slice(verdict.index + 1);
      const refused = await isRefused(named, verdict, signal);
      // Splunk keeps what comes before the event it names, but a 400 carries no ack for it.
      if (refused && waitForAck === undefined) {
        deliver(before);
        rest = after;
      } else {
        rest = [...before, ...after];
      }
    }
  }

  return {
    hasTaken: () => taken,
    async settle(items, signal) {
      await settleItems(items, signal);
      const types = items.flatMap((item) => (item.type === undefined ? [] : [item.type]));
      breakOnRefusal(name, types, items.length);
    },
  };
}
