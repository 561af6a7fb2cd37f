import { type CountingMeter, createMeter } from '../account/meter.ts';
import type { Route } from '../config/route.ts';
import type { Config } from '../config/schema.ts';
import type { Context, RetryPolicy } from '../contracts/component.ts';
import { createLog } from './log.ts';
import { anySignal, listenForSignals, type Signals } from './signals.ts';

/** What a command keeps open from start to finish. */
export interface Session {
  readonly route: Route;
  readonly context: Context;
  /** The context's meter. */
  readonly meter: CountingMeter;
  readonly signals: Signals;
  /** Epoch milliseconds. */
  readonly started: number;
  /** Removes the signal handlers. */
  close(): void;
}

/** No one wants to watch a command wait out an outage: a minute is enough to tell. */
const PATIENCE_MS = 60_000;
/** One retry is enough to tell a glitch from an outage. */
const LOOK_MS = 3_000;

/** For commands that move detections and end with a ledger. */
export function openSession(route: Route): Session {
  const { config } = route;
  const signals = listenForSignals(config.pipeline.grace);
  return sessionOf(route, signals, {
    log: createLog(config.log.level),
    retry: retryPolicyOf(config),
    abort: signals.abort,
  });
}

/** For commands that inspect or repair: quiet logs, a short retry budget, stopped by the first signal. */
export function openBriefSession(route: Route): Session {
  return briefSession(route, 'warn', PATIENCE_MS);
}

/** For a full check while a person waits: no log except at debug level, hardly any retrying, and a deadline. */
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
