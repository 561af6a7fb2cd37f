import type { Config } from '../config/schema.ts';
import type { Context } from '../contracts/component.ts';
import { ConfigError } from '../contracts/errors.ts';
import type { Shard, TimeRange } from '../contracts/source.ts';
import type { Log, Sink, Source } from '../contracts/types.ts';
import type { DeadLetters } from '../letters/dead-letters.ts';
import { sinkOf } from '../sinks/index.ts';
import { sourceOf } from '../sources/index.ts';
import { type Checkpoint, openCheckpoint } from '../state/checkpoint.ts';
import { forgetCheckpoint } from '../state/head.ts';
import { openStore } from '../state/index.ts';
import { acquireLease, type Lease } from '../state/lease.ts';
import { noCheckpoint } from '../state/no-checkpoint.ts';
import type { Store } from '../state/store.ts';
import { type CountingMeter, createMeter } from './meter.ts';
import {
  deadLettersOf,
  fingerprintsOf,
  retryPolicyOf,
  sinkContextOf,
  sourceContextOf,
  stateOf,
} from './setting.ts';
import type { Signals } from './signals.ts';

export interface SessionOptions {
  readonly config: Config;
  readonly log: Log;
  readonly signals: Signals;
  /** Name of the checkpoint and its lease within the state. */
  readonly name: string;
  readonly stateRequired: boolean;
  readonly backfill?: TimeRange;
  readonly shard?: Shard;
  /** Forget the checkpoint first. */
  readonly again?: boolean;
}

/** All that a run holds open. */
export interface Session {
  readonly context: Context;
  readonly meter: CountingMeter;
  /** Where progress is kept. Absent when the source is shared: then there is neither checkpoint nor lease. */
  readonly store?: Store;
  readonly checkpoint: Checkpoint;
  readonly source: Source;
  readonly sink: Sink;
  readonly deadLetters: DeadLetters;
  /** Closes everything and gives the lease back. Never throws. */
  close(): Promise<void>;
}

/**
 * Opens lease, checkpoint, source and sink, in this order: nothing is read or sent without the lease. When one of them
 * fails, what was opened is closed again. A lost lease aborts the run.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { config, log, signals, name, stateRequired } = options;
  const meter = createMeter();
  const context: Context = { log, meter, retry: retryPolicyOf(config), abort: signals.abort };
  const opened: (() => Promise<void> | undefined)[] = [];
  const close = async (): Promise<void> => {
    for (const undo of opened.splice(0).toReversed()) {
      await Promise.resolve(undo()).catch((error: unknown) =>
        log.warn({ reason: String(error) }, 'could not close cleanly'),
      );
    }
  };
  try {
    const store = isShared(options) ? undefined : await openStore(stateOf(config, stateRequired), context);
    let checkpoint = noCheckpoint();
    if (store !== undefined) {
      const lease = await takeLease(options, store, signals.giveUp);
      opened.push(() => lease.release());
      if (options.again === true) await forgetCheckpoint(store, name);
      checkpoint = await openCheckpoint(store, name, fingerprintsOf(config), log);
    }
    const deadLetters = await deadLettersOf(config, context);
    const source = await sourceOf(config.source).create({
      ...sourceContextOf(config, context, (part) => checkpoint.part(part), options.backfill, options.shard),
      ...(store !== undefined && { note: (part: string, bytes: Buffer) => checkpoint.note(part, bytes) }),
    });
    opened.push(() => source.close?.());
    const sink = await sinkOf(config.sink).create(sinkContextOf(config, context, checkpoint.uncleanRuns));
    opened.push(() => sink.close?.());
    const ends = { source, sink, deadLetters };
    return { context, meter, checkpoint, ...ends, ...(store !== undefined && { store }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Throws `ConfigError` when dead letters would lie where nobody looks: beside a state that is not configured. */
function isShared({ config, backfill, stateRequired }: SessionOptions): boolean {
  if (backfill !== undefined || !sourceOf(config.source).shared) return false;
  if (stateRequired && config.state === undefined && config.dead_letters.store === undefined) {
    throw new ConfigError(
      'dead_letters.store: required where there is no state, expected { type: file, path: … } or { type: s3, bucket: … }',
    );
  }
  return true;
}

function takeLease(
  { config, log, name }: SessionOptions,
  store: Store,
  lost: (reason: Error) => void,
): Promise<Lease> {
  const { ttl: ttlMs, renew: renewMs } = config.lease;
  return acquireLease(store, name, { ttlMs, renewMs, log }, lost);
}
