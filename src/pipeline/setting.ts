import { createHash } from 'node:crypto';
import { ownPlaceTest } from '../config/own-places.ts';
import type { Config } from '../config/schema.ts';
import type { Context, RetryPolicy } from '../contracts/component.ts';
import { ConfigError } from '../contracts/errors.ts';
import type { SinkContext } from '../contracts/sink.ts';
import type { Shard, SourceContext, TimeRange } from '../contracts/source.ts';
import type { Document } from '../contracts/types.ts';
import { IDENTITY_VERSION } from '../detections/identity.ts';
import { type DeadLetters, openDeadLetters } from '../letters/dead-letters.ts';
import { sinkOf } from '../sinks/index.ts';
import { sourceOf } from '../sources/index.ts';
import { DEFAULT_STATE } from '../state/default.ts';
import type { Fingerprints } from '../state/head.ts';
import { openStore, type StateOptions } from '../state/index.ts';
import type { Store } from '../state/store.ts';
import { everySample } from './samples.ts';

/** Small readings of the configuration that several commands share. */

export function retryPolicyOf(config: Config): RetryPolicy {
  const { initial, max_delay: maxMs, max_elapsed: maxElapsedMs } = config.retry;
  return { initialMs: initial, maxMs, maxElapsedMs };
}

export function fingerprintsOf(config: Config): Fingerprints {
  return {
    identity: `${IDENTITY_VERSION}:${config.identity}`,
    source: sourceOf(config.source).identify(),
    sink: sinkOf(config.sink).identify(),
  };
}

/** What `source.create` gets beside the common context. */
export function sourceContextOf(
  config: Config,
  context: Context,
  part: SourceContext['part'],
  backfill?: TimeRange,
  shard?: Shard,
): Context & SourceContext {
  const isOurs = ownPlaceTest(config);
  return {
    ...context,
    part,
    ...(isOurs === undefined ? {} : { isOurs }),
    ...(backfill === undefined ? {} : { backfill }),
    ...(shard === undefined ? {} : { shard }),
    batch: { maxBytes: config.pipeline.batch_bytes, maxRecords: config.pipeline.batch_records },
    limits: {
      recordBytes: config.limits.record_bytes,
      objectBytes: config.limits.object_bytes,
      expansion: config.limits.expansion,
      zstdWindowBytes: config.limits.zstd_window_bytes,
    },
  };
}

/** What `sink.create` gets beside the common context. */
export function sinkContextOf(config: Config, context: Context, uncleanRuns = 0): Context & SinkContext {
  const samples = (): readonly Document[] => everySample(config);
  return { ...context, uncleanRuns, sourceName: sourceOf(config.source).name, samples };
}

export function stateOf(config: Config, required: boolean): StateOptions {
  if (config.state !== undefined) return config.state;
  if (!required) return DEFAULT_STATE;
  throw new ConfigError(
    'state: required for run, expected { type: file, path: … } or { type: s3, bucket: … }: without it every run would start anew',
  );
}

/** The letters' own store: as configured, else beside the state. */
export async function deadLettersOf(config: Config, context: Context): Promise<DeadLetters> {
  return openDeadLetters(await letterStoreOf(config, context));
}

export function letterStoreOf(config: Config, context: Context): Promise<Store> {
  return openStore(config.dead_letters.store ?? besideState(stateOf(config, false)), context);
}

function besideState(state: StateOptions): StateOptions {
  if (state.type === 'file') return { ...state, path: `${state.path}/dead-letters` };
  return { ...state, prefix: `${state.prefix}/dead-letters` };
}

/** A backfill's own checkpoint: the same command resumes, another range or shard begins its own. */
export function backfillName(range: TimeRange, shard?: Shard): string {
  const share = shard === undefined ? null : `${shard.index}/${shard.of}`;
  const key = JSON.stringify([range.from ?? null, range.to ?? null, share]);
  return `backfill-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}
