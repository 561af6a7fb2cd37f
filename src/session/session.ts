import { type CountingMeter, createMeter } from '../account/meter.ts';
import type { Route } from '../config/route.ts';
import type { Config } from '../config/schema.ts';
import type { Context, RetryPolicy } from '../contracts/component.ts';
import { createLog } from './log.ts';
import { anySignal, listenForSignals, type Signals } from './signals.ts';

/** What a command has open from its first line to its last. */
export interface Session {
  readonly route: Route;
  readonly context: Context;
  /** The meter of the context. */
  readonly meter: CountingMeter;
  readonly signals: Signals;
  /** Epoch milliseconds. */
  readonly started: number;
  /** Takes the signal handlers off again. */
  close(): void;
}

/** Outages are not waited out while a person watches: a minute is enough to tell. */
const PATIENCE_MS = 60_000;
/** A second try tells a slip from an outage. */
const LOOK_MS = 3_000;

/** For commands that carry detections, and end with an account. */
export function openSession(route: Route): Session {
  const { config } = route;
  const signals = listenForSignals(config.pipeline.grace);
  return sessionOf(route, signals, {
    log: createLog(config.log.level),
    retry: retryPolicyOf(config),
    abort: signals.abort,
  });
}

/** For commands that look and mend: quiet logs, short patience, ended by the first signal. */
export function openBriefSession(route: Route): Session {
  return briefSession(route, 'warn', PATIENCE_MS);
}

/** For a look at everything while a person waits: no log but for debugging, hardly any patience, an end at the deadline. */
export function openLook(route: Route, deadline: AbortSignal): Session {
  return briefSession(route, 'silent', LOOK_MS, deadline);
}

function briefSession(
  route: Route,
  level: 'warn' | 'silent',
  patienceMs: number,
  ...ends: readonly AbortSignal[]
): Session {
  const { config } = route;
  const signals = listenForSignals(0);
  const retry = retryPolicyOf(config);
  return sessionOf(route, signals, {
    log: createLog(config.log.level === 'debug' ? 'debug' : level),
    retry: { ...retry, maxElapsedMs: Math.min(retry.maxElapsedMs, patienceMs) },
    abort: anySignal(signals.stop, signals.abort, ...ends),
  });
}

function sessionOf(route: Route, signals: Signals, context: Omit<Context, 'meter'>): Session {
  const meter = createMeter();
  return {
    route,
    context: { ...context, meter },
    meter,
    signals,
    started: Date.now(),
    close: signals.dispose,
  };
}

function retryPolicyOf({ retry }: Config): RetryPolicy {
  return { initialMs: retry.initial_delay, maxMs: retry.max_delay, maxElapsedMs: retry.max_elapsed };
}
