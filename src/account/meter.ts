import type { Meter } from '../contracts/types.ts';

export interface CountingMeter extends Meter {
  readonly counts: ReadonlyMap<string, number>;
  /** Forgets what was counted: with `--follow` each pass has its own ledger. */
  reset(): void;
}

export function createMeter(): CountingMeter {
  const counts = new Map<string, number>();
  return {
    counts,
    add(counter, by = 1) {
      if (by === 0) return;
      counts.set(counter, (counts.get(counter) ?? 0) + by);
    },
    reset() {
      counts.clear();
    },
  };
}
