import type { Totals } from '../state/checkpoint.ts';
import { FATES } from './fates.ts';
import type { Tally } from './tally.ts';

/** The running totals with one more batch. They are saved together with the progress the batch made. */
export function addTo(totals: Totals, tally: Tally): Totals {
  const sum: Record<string, number> = { ...totals };
  for (const key of ['read', 'state_changes', ...FATES] as const) sum[key] = (sum[key] ?? 0) + tally[key];
  return sum;
}
