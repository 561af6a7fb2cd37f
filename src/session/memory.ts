import type { Route } from '../config/route.ts';
import { ConfigError } from '../contracts/errors.ts';
import { IDENTITY_VERSION } from '../detections/identity.ts';
import { type Checkpoint, openCheckpoint } from '../state/checkpoint.ts';
import { type Fingerprints, forgetCheckpoint } from '../state/head.ts';
import { noCheckpoint } from '../state/no-checkpoint.ts';
import type { Store } from '../state/store.ts';
import { underLease } from './lease.ts';
import type { Session } from './session.ts';
import { openState } from './stores.ts';

/** What a run remembers, and where. */
export interface Memory {
  /** Name of the checkpoint and its lease within the state. */
  readonly name: string;
  readonly checkpoint: Checkpoint;
  /** Absent when the source is shared, which means no checkpoint and no lease. */
  readonly store?: Store;
}

export interface MemoryOptions {
  readonly name: string;
  readonly stateRequired: boolean;
  /** Keeps a checkpoint even if runs share the source. */
  readonly isBackfill: boolean;
  /** Forget the checkpoint first. */
  readonly again: boolean;
}

/** What a checkpoint was made for. It does not apply to any other source, sink or identity. */
export function fingerprintsOf({ config, source, sink }: Route): Fingerprints {
  return {
    identity: `${IDENTITY_VERSION}:${config.identity}`,
    source: source.identify(),
    sink: sink.identify(),
  };
}

/** Opens the checkpoint under its lease and runs `work` with it. Losing the lease aborts the session. */
export async function withMemory<T>(
  session: Session,
  options: MemoryOptions,
  work: (memory: Memory) => Promise<T>,
): Promise<T> {
  const { route, context, signals } = session;
  const { name, stateRequired, again } = options;
  if (isShared(route, options)) return work({ name, checkpoint: noCheckpoint() });
  const store = await openState(session, stateRequired);
  return underLease(session, store, name, signals.giveUp, async () => {
    if (again) await forgetCheckpoint(store, name);
    const checkpoint = await openCheckpoint(store, name, fingerprintsOf(route), context.log);
    return work({ name, checkpoint, store });
  });
}

/**
 * Throws `ConfigError` when dead letters would end up where no one looks for them: next to a state that is not
 * configured.
 */
function isShared({ config, source }: Route, { isBackfill, stateRequired }: MemoryOptions): boolean {
  if (isBackfill || !source.shared) return false;
  if (stateRequired && config.state === undefined && config.dead_letters.store === undefined) {
    throw new ConfigError(
      'dead_letters.store: required when there is no state, expected { type: file, path: … } or { type: s3, bucket: … }',
    );
  }
  return true;
}
