import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';

export interface DeliveryOptions {
  /** `run --follow`: its exit code, once it ended for whatever reason. */
  readonly run: () => Promise<number>;
  readonly stop: AbortSignal;
  readonly log: Log;
  readonly running: (isRunning: boolean) => void;
  readonly pauseMs?: number;
}

const PAUSE_MS = 30_000;

/**
 * Carries the spool to the destination until it is told to stop. Whatever ends that (an outage that outlasts all
 * patience, a lease that another replica holds, a mistake in the configuration) is logged, and tried again: what is
 * received meanwhile waits in the spool.
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
      'the delivery ended; requests are taken and stored all the same, and it begins again',
    );
    await sleep(pauseMs, undefined, { signal: stop }).catch(() => undefined);
  }
}
