import { METRICS } from '../../src/observe/table.ts';

/** The metrics of a run: `receive` has some of its own. */
export const OF_RUNS = Object.entries(METRICS)
  .filter(([key]) => !/^(?:receive|spool)[A-Z]/.test(key))
  .map(([, metric]) => metric);
