import type { Totals } from '../state/checkpoint.ts';
import { FATES } from './fates.ts';
import type { Tally } from './tally.ts';

/** The running totals after one more batch. They are saved together with the progress that batch made. */
export function addTo(totals: Totals, tally: Tally): Totals {
  const sum: Record<string, number> = { ...totals };
  for (const key of ['read', 'state_changes', ...FATES] as const) sum[key] = (sum[key] ?? 0) + tally[key];
  return sum;
}

/**
 * The running totals plus this pass's counts of possible duplicates; `before` holds the totals from before the pass.
 */
export function withCounters(totals: Totals, before: Totals, counts: ReadonlyMap<string, number>): Totals {
  const sum: Record<string, number> = { ...totals };
  for (const name of ['doubled', 'possibly_duplicated'])
    sum[name] = (before[name] ?? 0) + (counts.get(name) ?? 0);
  return sum;
}
