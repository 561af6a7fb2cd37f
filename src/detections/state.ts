import type { JsonObject } from '../contracts/types.ts';
import type { Change, State } from './detection.ts';
import { orNothing, text } from './scalars.ts';

const KEYS = [
  'suppressed_by',
  'suppress_reason',
  'suppress_rule_id',
  'resolved_by',
  'resolved_reason',
] as const;

/** Who set a detection's state, and why. */
export function readState(payload: JsonObject): State | undefined {
  if (!KEYS.some((key) => payload[key] !== undefined)) return undefined;
  return orNothing({
    suppressed_by: text(payload.suppressed_by),
    suppress_reason: text(payload.suppress_reason),
    suppress_rule_id: text(payload.suppress_rule_id),
    resolved_by: text(payload.resolved_by),
    resolved_reason: text(payload.resolved_reason),
  });
}

/** The same for a change of state: a resolved detection may still name the person who suppressed it earlier. */
export function authorOf(
  to: Change['to'],
  state: State | undefined,
): Pick<Change, 'by' | 'reason' | 'rule_id'> {
  if (to === 'resolved')
    return { by: state?.resolved_by, reason: state?.resolved_reason, rule_id: undefined };
  if (to !== 'suppressed') return { by: undefined, reason: undefined, rule_id: undefined };
  return { by: state?.suppressed_by, reason: state?.suppress_reason, rule_id: state?.suppress_rule_id };
}

/** The people named, once each. */
export function peopleOf(actor: string | undefined, state: State | undefined): readonly string[] {
  if (actor === undefined && state === undefined) return NOBODY;
  const named = [actor, state?.suppressed_by, state?.resolved_by].filter((one) => one !== undefined);
  return [...new Set(named)];
}

const NOBODY: readonly string[] = [];
