import type { Meter } from '../contracts/types.ts';

export interface CountingMeter extends Meter {
  readonly counts: ReadonlyMap<string, number>;
  /** Resets the counts: with `--follow` each pass has its own ledger. */
  reset(): void;
  /** From now on, passes durations to `took`; they are not kept here. */
  time(took: NonNullable<Meter['took']>): void;
}

export function createMeter(): CountingMeter {
  const counts = new Map<string, number>();
  const meter: CountingMeter = {
    counts,
    add(counter, by = 1) {
      if (by === 0) return;
      counts.set(counter, (counts.get(counter) ?? 0) + by);
    },
    reset() {
      counts.clear();
    },
    time(took) {
      meter.took = took;
    },
  };
  return meter;
}
