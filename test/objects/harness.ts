import { DEFAULT_LIMITS } from '../../src/contracts/source.ts';
import type { Log, Meter } from '../../src/contracts/types.ts';

/** The counts of a run, for tests to read. */
function testMeter(): Meter & { readonly counts: Record<string, number> } {
  const counts: Record<string, number> = {};
  return {
    counts,
    add(counter, by = 1) {
      counts[counter] = (counts[counter] ?? 0) + by;
    },
  };
}

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A context for sources, with small batches and short patience. */
export function testContext() {
  return {
    log: quiet,
    meter: testMeter(),
    retry: { initialMs: 1, maxMs: 5, maxElapsedMs: 2_000 },
    abort: new AbortController().signal,
    batch: { maxBytes: 2 ** 20, maxRecords: 2 },
    limits: DEFAULT_LIMITS,
  };
}

export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
