import { LeaseError } from '../contracts/errors.ts';
import { acquireLease } from '../state/lease.ts';
import type { Store } from '../state/store.ts';
import type { Session } from './session.ts';
import { openLetterStore, openState } from './stores.ts';

/** Name of `run`'s checkpoint and of its lease. */
export const RUN = 'run';
/** The lease for resending when runs share a queue. */
const RESEND = 'resend';

/** Runs `work` while holding a lease. Throws `LeaseError` when another process holds it. */
export async function underLease<T>(
  { route: { config }, context: { log } }: Session,
  store: Store,
  name: string,
  lost: (reason: Error) => void,
  work: () => Promise<T>,
): Promise<T> {
  const { ttl: ttlMs, renew_interval: renewMs } = config.lease;
  const lease = await acquireLease(store, name, { ttlMs, renewMs, log }, lost);
  try {
    return await work();
  } finally {
    await lease.release();
  }
}

/**
 * Runs `work` while no `run` is active. Two writers could send the same detection at the same time, one into the data
 * stream's last index and the other into the next, and both would change letters. Runs that share a queue take no
 * lease; while they are active, only one process at a time may resend. Losing the lease aborts the session.
 */
export async function withoutRun<T>(
  session: Session,
  { stateRequired }: { readonly stateRequired: boolean },
  work: () => Promise<T>,
): Promise<T> {
  const { route, signals } = session;
  const isAlone = route.config.state === undefined && route.source.shared;
  const store = await (isAlone ? openLetterStore(session) : openState(session, stateRequired));
  let begun = false;
  try {
    return await underLease(session, store, isAlone ? RESEND : RUN, signals.giveUp, () => {
      begun = true;
      return work();
    });
  } catch (error) {
    if (begun || !(error instanceof LeaseError)) throw error;
    throw new LeaseError(
      `${error.message}. Nothing was changed: stop that run, or try again when it has ended`,
      {
        cause: error,
      },
    );
  }
}
