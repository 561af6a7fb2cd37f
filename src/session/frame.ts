import type { Config } from '../config/schema.ts';
import { createRuns, type Runs } from '../detections/runs.ts';
import { type Redactor, redactorOf } from '../redaction/redactor.ts';
import { type Bounds, DEFAULT_BOUNDS } from './bounds.ts';

/** The parts of a transform that cost nothing to create. */
export interface Frame {
  /** What is known about runs. Decoding reads it, and adds what Insights documents say. */
  readonly runs: Runs;
  /** How much of a batch is processed at a time. */
  readonly bounds: Bounds;
  /** Removes secrets from everything else that is said about a record. */
  readonly redactor: Redactor;
}

/** How many runs to remember when no configuration says so. */
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
