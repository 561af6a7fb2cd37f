import type { Checkpoint } from './checkpoint.ts';

/** For a source that keeps no progress with us: every run begins with nothing, and nothing is saved. */
export function noCheckpoint(): Checkpoint {
  return {
    uncleanRuns: 0,
    totals: {},
    sending: { left: 0, revisits: false, announce: () => undefined, withdraw: () => undefined },
    settle: () => undefined,
    part: async () => undefined,
    save: async () => undefined,
    note: async () => undefined,
  };
}
