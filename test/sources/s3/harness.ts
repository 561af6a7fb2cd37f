import { expect } from '@jest/globals';
import type { Context } from '../../../src/contracts/component.ts';
import { DEFAULT_LIMITS, type SourceContext, type TimeRange } from '../../../src/contracts/source.ts';
import type { SourceRecord } from '../../../src/contracts/types.ts';
import { bucketOptions } from '../../../src/sources/bucket-options.ts';
import { sourceOf } from '../../../src/sources/index.ts';

const KEYS_FOR_ANY_SERVER = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'testtest' };
Object.assign(process.env, { AWS_REGION: 'us-east-1', ...KEYS_FOR_ANY_SERVER, ...process.env });

export interface Run {
  readonly records: SourceRecord[];
  /** What `read` threw, if anything. */
  readonly error: unknown;
  readonly counts: Record<string, number>;
}

export interface RunOptions {
  readonly backfill?: TimeRange;
  /** Stops gracefully after this many records. */
  readonly stopAfter?: number;
  /** Dies after this many records: the last batch is not acked, and nothing more is saved. */
  readonly killAfter?: number;
  /** How many acked batches make a save; the last is always saved unless killed. Default 1. */
  readonly saveEvery?: number;
  readonly maxRecords?: number;
  readonly maxElapsedMs?: number;
}

/** A checkpoint in memory, and runs over it as in the pipeline. */
export function s3Runs(options: Record<string, unknown>, extra: Partial<Context & SourceContext> = {}) {
  const parts = new Map<string, Buffer>();
  const parsed = bucketOptions.parse({ force_path_style: true, region: 'us-east-1', ...options });

  const component = sourceOf(parsed);

  function context(run: RunOptions, counts: Record<string, number>): Context & SourceContext {
    const quiet = (): void => undefined;
    return {
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      meter: {
        add(counter, by = 1) {
          counts[counter] = (counts[counter] ?? 0) + by;
        },
      },
      retry: { initialMs: 1, maxMs: 5, maxElapsedMs: run.maxElapsedMs ?? 15_000 },
      abort: new AbortController().signal,
      part: async (name) => parts.get(name),
      ...(run.backfill !== undefined && { backfill: run.backfill }),
      batch: { maxBytes: 2 ** 20, maxRecords: run.maxRecords ?? 500 },
      limits: DEFAULT_LIMITS,
      ...extra,
    };
  }

  return {
    parts,
    options: parsed,
    component,
    context,
    /** Forgets the checkpoint. */
    reset: () => parts.clear(),
    progress: () => JSON.parse(String(parts.get('progress'))),
    async run(run: RunOptions = {}): Promise<Run> {
      const counts: Record<string, number> = {};
      const source = await component.create(context(run, counts));
      const save = (): void => {
        for (const [name, bytes] of source.progress()) {
          if (bytes === null) parts.delete(name);
          else parts.set(name, Buffer.from(bytes));
        }
      };
      const stop = new AbortController();
      const records: SourceRecord[] = [];
      let error: unknown;
      let acked = 0;
      let killed = false;
      try {
        for await (const batch of source.read(stop.signal)) {
          records.push(...batch.records);
          if (run.killAfter !== undefined && records.length >= run.killAfter) {
            killed = true;
            break;
          }
          await batch.ack();
          acked += 1;
          if (acked % (run.saveEvery ?? 1) === 0) save();
          if (run.stopAfter !== undefined && records.length >= run.stopAfter) stop.abort();
        }
      } catch (thrown) {
        error = thrown;
      }
      if (!killed) save();
      await source.close?.();
      // A queue lists nothing.
      const whole =
        error === undefined || (error instanceof Error && error.message.includes('; all others were read;'));
      const ended = whole && !killed && !stop.signal.aborted;
      if (ended && !component.shared) expectExplained(counts);
      return { records, error, counts };
    },
  };
}

/** A completed pass has read everything it listed, or says why not. */
function expectExplained(counts: Record<string, number>): void {
  const of = (name: string): number => counts[`objects_${name}`] ?? 0;
  const reasons = ['read', 'known', 'outside', 'ignored', 'ours', 'gone', 'changed', 'failed'];
  expect(reasons.reduce((sum, name) => sum + of(name), 0)).toBe(of('listed'));
}

export const texts = (run: Run): string[] => run.records.map(({ text }) => text);

export const detection = (id: string): string => JSON.stringify({ id });
