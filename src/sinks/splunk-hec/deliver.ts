import type { RetryPolicy } from '../../contracts/component.ts';
import { ConfigError, RetryableError, UnavailableError } from '../../contracts/errors.ts';
import type { Document, Log, Meter, Outcome } from '../../contracts/types.ts';
import { retry } from '../../io/retry.ts';
import { ENOUGH } from '../breaker.ts';
import type { AckWait } from './acks.ts';
import { classify, classifyFailure, type ReplyVerdict } from './classify.ts';
import type { Envelope } from './envelope.ts';
import type { Sender } from './logger.ts';
import { NoReplyError } from './transport.ts';

/** A document being delivered. */
export interface Item {
  readonly document: Document;
  readonly envelope: Envelope;
  /** It may already be in Splunk: sending it again may duplicate it. */
  mayBeIn: boolean;
  /** Its first transmission was announced. */
  sent: boolean;
  outcome?: Outcome;
}

export interface DeliveryOptions {
  readonly send: Sender;
  readonly window: <T>(task: () => Promise<T>) => Promise<T>;
  /** Present if delivered means acknowledged. */
  readonly waitForAck: AckWait | undefined;
  readonly index: string | undefined;
  /** The text of a harmless event, to test whether anything is accepted at all. */
  readonly checkEvent: () => string;
  /** Resolves when this many documents may be sent. */
  readonly announce: (documents: number) => Promise<void> | undefined;
  readonly policy: RetryPolicy;
  readonly meter: Meter;
  readonly log: Log;
  /** The receiver's name, for messages. */
  readonly name: string;
}

type Settled = Extract<ReplyVerdict, { act: 'accepted' | 'named' | 'bisect' | 'blocked' }>;

/** Determines whether the events are at fault, while one request is settled. */
interface Trial {
  readonly signal: AbortSignal;
  /** What had been accepted when it began: if more has been accepted since, the events are at fault. */
  readonly since: number;
  refused: number;
}

/**
 * After this many named in a row the rest is halved: otherwise, each of ten thousand would cause all that follow it
 * to be sent again.
 */
const LONGEST_STREAK = 16;

export interface Delivery {
  /** Gives every item an outcome; throws to stop the run. The items fit into one request. */
  deliver(items: readonly Item[], signal: AbortSignal): Promise<void>;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { send, window, waitForAck, index, checkEvent, announce, policy, meter, log, name } = options;
  /** Number of requests and parts of requests that the receiver accepted. */
  let taken = 0;
  /**
   * Whether `invalid-event-number` was seen to count from 0, as Splunk's does: being off by one would lose an
   * event.
   */
  let proven = false;
  let wrong = false;

  /** Without items, the harmless event is sent. */
  async function exchange(items: readonly Item[], signal: AbortSignal): Promise<ReplyVerdict> {
    const again = items.filter((item) => item.mayBeIn).length;
    const first = items.filter((item) => !item.sent).length;
    if (first + again > 0) await announce(first + again);
    for (const item of items) item.sent = true;
    signal.throwIfAborted();
    if (again > 0) meter.add('possibly_duplicated', again);
    const content = items.length === 0 ? checkEvent() : items.map((item) => item.envelope);
    try {
      const reply = await send(content, signal);
      return classify(reply, { count: Math.max(items.length, 1), ack: waitForAck !== undefined, index });
    } catch (error) {
      if (error instanceof NoReplyError) return classifyFailure(error.cause, error.connected);
      if (signal.aborted) for (const item of items) item.mayBeIn = true;
      throw error;
    }
  }

  function mark(items: readonly Item[]): void {
    for (const item of items) item.mayBeIn = true;
  }

  /** One try of one request. Throws a verdict that requires waiting or stopping. */
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
    if (items.length > 0) taken += 1;
    for (const item of items) item.outcome = { fate: 'delivered' };
  }

  /**
   * Throws unless the harmless event, sent like all others, is accepted: if it is refused as well, the token, the
   * index, the url or something in between is wrong, and not the events.
   */
  async function prove(signal: AbortSignal): Promise<void> {
    const verdict = await retry(() => attempt([], signal), { policy, signal, what: name, log, meter });
    if (verdict.act === 'blocked') throw new ConfigError(`${name}: ${verdict.otherwise}`);
    if (verdict.act !== 'accepted') {
      throw new UnavailableError(
        `${name} refuses all events, including a harmless one of ours (${verdict.reason}): check the token's index, source type and line breaking; nothing was acknowledged`,
      );
    }
    taken += 1;
  }

  /** Sends the harmless event before too many are given up while nothing else is accepted. */
  async function reject(item: Item, { reason }: { readonly reason: string }, trial: Trial): Promise<void> {
    trial.refused += 1;
    if (trial.refused === ENOUGH && taken === trial.since) await prove(trial.signal);
    item.outcome = { fate: 'rejected', reason };
  }

  /**
   * Whether the event named by the receiver is refused; it is sent alone until the receiver's numbers are known to
   * be right.
   */
  async function isRefused(
    item: Item,
    verdict: Extract<ReplyVerdict, { act: 'named' }>,
    trial: Trial,
  ): Promise<boolean> {
    if (verdict.index > 0 && !proven) {
      await deliverItems([item], trial);
      const right = item.outcome?.fate === 'rejected';
      if (!right)
        log.warn({ sink: name }, 'the receiver names the wrong event; finding the refused ones by halving');
      if (right) proven = true;
      else wrong = true;
      return right;
    }
    await reject(item, verdict, trial);
    return true;
  }

  async function deliverItems(items: readonly Item[], trial: Trial): Promise<void> {
    const { signal } = trial;
    let rest = items;
    /** Events named one after the other, each time with the whole rest sent again. */
    let streak = 0;
    while (rest.length > 0) {
      const sending = rest;
      const verdict = await retry(() => attempt(sending, signal), { policy, signal, what: name, log, meter });
      if (verdict.act === 'accepted') {
        deliver(rest);
        return;
      }
      if (verdict.act === 'blocked' && taken === trial.since) await prove(signal);
      const [first] = rest;
      if (rest.length === 1 && first !== undefined) {
        await reject(first, verdict, trial);
        return;
      }
      const named = verdict.act === 'named' ? rest[verdict.index] : undefined;
      if (verdict.act !== 'named' || named === undefined || wrong || streak === LONGEST_STREAK) {
        streak = 0;
        const half = rest.length >>> 1;
        await deliverItems(rest.slice(0, half), trial);
        rest = rest.slice(half);
        continue;
      }
      const before = rest.slice(0, verdict.index);
      const after = rest.slice(verdict.index + 1);
      const refused = await isRefused(named, verdict, trial);
      // Splunk keeps the events before the one it names, but a 400 carries no ack for them.
      if (refused && waitForAck === undefined) {
        deliver(before);
        streak = before.length === 0 ? streak + 1 : 0;
        rest = after;
      } else {
        streak += 1;
        rest = [...before, ...after];
      }
    }
  }

  return {
    deliver: (items, signal) => deliverItems(items, { signal, since: taken, refused: 0 }),
  };
}
