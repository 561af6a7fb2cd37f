import type { JsonObject } from '../types.ts';
import type { Change, State } from './detection.ts';
import { compact } from './process.ts';
import { text } from './scalars.ts';

const KEYS = [
  'suppressed_by',
  'suppress_reason',
  'suppress_rule_id',
  'resolved_by',
  'resolved_reason',
] as const;

/** Who put a detection into its state, and why. */
export function readState(payload: JsonObject): State | undefined {
  if (!KEYS.some((key) => payload[key] !== undefined)) return undefined;
  const state = compact({
    suppressed_by: text(payload.suppressed_by),
    suppress_reason: text(payload.suppress_reason),
    suppress_rule_id: text(payload.suppress_rule_id),
    resolved_by: text(payload.resolved_by),
    resolved_reason: text(payload.resolved_reason),
  });
  return Object.keys(state).length === 0 ? undefined : state;
}

/** The same of a change to that state: a resolved detection may still say who had suppressed it before. */
export function authorOf(
  to: Change['to'],
  state: State | undefined,
): Pick<Change, 'by' | 'reason' | 'rule_id'> {
  if (state === undefined) return {};
  if (to === 'resolved') return compact({ by: state.resolved_by, reason: state.resolved_reason });
  if (to !== 'suppressed') return {};
  return compact({
    by: state.suppressed_by,
    reason: state.suppress_reason,
    rule_id: state.suppress_rule_id,
  });
}

/** The people named, once each. */
export function peopleOf(actor: string | undefined, state: State | undefined): readonly string[] {
  if (actor === undefined && state === undefined) return NOBODY;
  const named = [actor, state?.suppressed_by, state?.resolved_by].filter((one) => one !== undefined);
  return [...new Set(named)];
}

const NOBODY: readonly string[] = [];
