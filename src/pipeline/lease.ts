import type { Config } from '../config/schema.ts';
import type { Context } from '../contracts/component.ts';
import { LeaseError } from '../contracts/errors.ts';
import { sourceOf } from '../sources/index.ts';
import { openStore } from '../state/index.ts';
import { acquireLease } from '../state/lease.ts';
import type { Store } from '../state/store.ts';
import { letterStoreOf, stateOf } from './setting.ts';

/** Name of the checkpoint of `run`, and of its lease. */
export const RUN = 'run';
/** The lease of what sends once more where runs share a queue. */
const RESEND = 'resend';

interface LeaseSetting {
  readonly config: Pick<Config, 'lease'>;
  readonly context: Pick<Context, 'log'>;
}

/** Works while this process holds a lease. Throws `LeaseError` when another one does. */
export async function underLease<T>(
  { config, context: { log } }: LeaseSetting,
  store: Store,
  name: string,
  lost: (reason: Error) => void,
  work: () => Promise<T>,
): Promise<T> {
  const { ttl: ttlMs, renew: renewMs } = config.lease;
  const lease = await acquireLease(store, name, { ttlMs, renewMs, log }, lost);
  try {
    return await work();
  } finally {
    await lease.release();
  }
}

/**
 * Works while no `run` does: two writers could send the same detection at the same time, the one into the data stream's
 * last index and the other into the next, and both change letters. Runs that share a queue take no lease; beside them
 * only one process at a time sends once more.
 */
export async function withoutRun<T>(
  config: Config,
  context: Context,
  how: { readonly stateRequired: boolean; readonly lost: (reason: Error) => void },
  work: () => Promise<T>,
): Promise<T> {
  const isAlone = config.state === undefined && sourceOf(config.source).shared;
  const store = isAlone
    ? await letterStoreOf(config, context)
    : await openStore(stateOf(config, how.stateRequired), context);
  let begun = false;
  try {
    return await underLease({ config, context }, store, isAlone ? RESEND : RUN, how.lost, () => {
      begun = true;
      return work();
    });
  } catch (error) {
    if (begun || !(error instanceof LeaseError)) throw error;
    throw new LeaseError(`${error.message}. Nothing was changed: stop it, or try again when it has ended`, {
      cause: error,
    });
  }
}
