import type { Config } from '../config/schema.ts';
import { createRuns, type Runs } from '../detections/runs.ts';
import { type Redactor, redactorOf } from '../redaction/redactor.ts';
import { type Bounds, DEFAULT_BOUNDS } from './bounds.ts';

/** Of a transform, what takes nothing to make. */
export interface Frame {
  /** What is known of runs. Decoding reads it, and adds what Insights documents say. */
  readonly runs: Runs;
  /** How much of a batch is worked on at once. */
  readonly bounds: Bounds;
  /** Takes secrets out of whatever else is said of a record. */
  readonly redactor: Redactor;
}

/** Runs remembered where no configuration says how many. */
const RUNS = 1_000;

export function frameOf(
  config: Pick<Config, 'limits' | 'redaction'> & Partial<Pick<Config, 'pipeline' | 'enrichment'>>,
): Frame {
  const redactor = redactorOf(config.redaction);
  return {
    runs: createRuns(config.enrichment?.cache_runs ?? RUNS, redactor),
    redactor,
    bounds: {
      records: config.pipeline?.batch_records ?? DEFAULT_BOUNDS.records,
      bytes: config.pipeline?.batch_bytes ?? DEFAULT_BOUNDS.bytes,
      expansion: config.limits.expansion,
    },
  };
}
