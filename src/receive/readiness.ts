import { messageOf } from '../contracts/errors.ts';
import type { QuietLog } from './quiet.ts';
import type { Spool } from './spool/spool.ts';

/**
 * A spool that stored something this recently need not be probed, and one that failed is not probed again
 * immediately.
 */
const FRESH_MS = 30_000;
const STALE_MS = 3_000;

/** Whether the spool can store, for a load balancer. */
export interface Readiness {
  /** Takes the result of a store. */
  noted(error: unknown): void;
  /** Undefined if it can store, otherwise the reason. */
  ask(): Promise<string | undefined>;
}

export function createReadiness(spool: Spool, quiet: QuietLog, now = Date.now): Readiness {
  let known: { readonly at: number; readonly trouble: string | undefined } | undefined;
  let asking: Promise<string | undefined> | undefined;
  const noted = (error: unknown): string | undefined => {
    const trouble = error === undefined ? undefined : messageOf(error);
    known = { at: now(), trouble };
    return trouble;
  };
  const probe = async (): Promise<string | undefined> => {
    const trouble = noted(
      await spool.probe().then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    if (trouble !== undefined)
      quiet('error', `not ready ${trouble}`, { reason: trouble }, 'the spool cannot store: not ready');
    return trouble;
  };
  return {
    noted: (error) => void noted(error),
    async ask() {
      if (known !== undefined && now() - known.at < (known.trouble === undefined ? FRESH_MS : STALE_MS))
        return known.trouble;
      asking ??= probe().finally(() => {
        asking = undefined;
      });
      return asking;
    },
  };
}
