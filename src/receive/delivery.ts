import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';

export interface DeliveryOptions {
  /** `run --follow`: resolves with its exit code, whatever ended it. */
  readonly run: () => Promise<number>;
  readonly stop: AbortSignal;
  readonly log: Log;
  readonly running: (isRunning: boolean) => void;
  readonly pauseMs?: number;
}

const PAUSE_MS = 30_000;

/**
 * Carries the spool to the destination until it is told to stop. If anything ends that (an outage that exceeds all
 * patience, a lease held by another replica, a mistake in the configuration), it is logged and tried again:
 * meanwhile, received bodies wait in the spool.
 */
export async function deliver({
  run,
  stop,
  log,
  running,
  pauseMs = PAUSE_MS,
}: DeliveryOptions): Promise<void> {
  while (!stop.aborted) {
    running(true);
    let reason: Record<string, unknown>;
    try {
      reason = { exit_code: await run() };
    } catch (error) {
      reason = { reason: messageOf(error) };
    }
    running(false);
    if (stop.aborted) return;
    log.error(
      { ...reason, again_in_ms: pauseMs },
      'the delivery ended and will be restarted; requests are still accepted and stored',
    );
    await sleep(pauseMs, undefined, { signal: stop }).catch(() => undefined);
  }
}
