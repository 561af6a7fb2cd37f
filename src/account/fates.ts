import type { Outcome } from '../contracts/types.ts';

/** The four fates, mildest first. A detection gets the worst fate of its documents. */
export const FATES = ['duplicate', 'delivered', 'filtered', 'dead_lettered'] as const;
export type Fate = (typeof FATES)[number];

export function fateOf(outcome: Outcome): Fate {
  return outcome.fate === 'rejected' ? 'dead_lettered' : outcome.fate;
}

export function worse(a: Fate, b: Fate): Fate {
  return FATES.indexOf(a) >= FATES.indexOf(b) ? a : b;
}
