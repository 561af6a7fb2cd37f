import type { Checkpoint } from './checkpoint.ts';

/** For a source whose progress we do not keep: every run starts without progress, and none is saved. */
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
