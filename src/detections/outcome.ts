import type { JsonObject } from '../contracts/types.ts';
import type { Detection, KindProfile } from './detection.ts';
import { isRehearsal, saysBlocked } from './kind.ts';
import { text } from './scalars.ts';

/** What the payload says of the act, beside its kind. */
interface Evidence {
  /** The job was ended by lockdown mode. */
  readonly lockdown: boolean | undefined;
  /** The agent kept a process from what it was about to do. */
  readonly enforced: boolean;
  /** How the policy went: `Blocked`, `DryRunBlocked`. */
  readonly status: string | undefined;
}

type Outcome = Pick<Detection, 'action' | 'stopped_by' | 'verdict' | 'dry_run'>;

/** What became of the act. Nothing is said that neither the kind nor the payload says. */
export function outcomeOf(
  profile: KindProfile,
  id: string,
  payload: JsonObject,
  evidence: Evidence,
): Outcome {
  // What is no act of a runner is neither stopped nor let through.
  if (profile.dataset !== 'detection') return NO_ACT;
  const stoppedBy = stopperOf(payload, evidence);
  if (stoppedBy !== undefined) {
    const own = profile.action === 'blocked';
    return {
      action: 'blocked',
      stopped_by: own ? undefined : stoppedBy,
      verdict: 'was stopped',
      dry_run: false,
    };
  }
  const claimed = profile.action ?? (profile.reads === null && saysBlocked(id) ? 'blocked' : undefined);
  if (claimed !== 'blocked') return claimed === undefined ? NO_ACT : ALLOWED;
  // Of a dry run the vendor says that it "does not block the workflow run but records the violation".
  const rehearsed = evidence.status === REHEARSED || isRehearsal(id) || isRehearsal(text(payload.id) ?? '');
  return rehearsed ? DRY_RUN : BLOCKED;
}

const REHEARSED = 'DryRunBlocked';

const NO_ACT: Outcome = { action: undefined, stopped_by: undefined, verdict: undefined, dry_run: false };
const ALLOWED: Outcome = { ...NO_ACT, action: 'allowed' };
const BLOCKED: Outcome = { ...NO_ACT, action: 'blocked', verdict: 'was stopped' };
const DRY_RUN: Outcome = { ...NO_ACT, action: 'allowed', verdict: 'would have been stopped', dry_run: true };

function stopperOf(payload: JsonObject, { lockdown, enforced }: Evidence): Outcome['stopped_by'] {
  if (lockdown === true) return 'lockdown';
  if (enforced) return 'the agent';
  return isAttackBlocked(payload) ? 'the global block list' : undefined;
}

/**
 * A far end on the vendor's global block list, which is enforced even in audit mode. The agent reports such a connection
 * with `matched_policy`; the vendor's pages label it `Attack Blocked`, to tell it from what an allowlist stopped.
 */
export function isAttackBlocked({ matched_policy: policy, name, reason }: JsonObject): boolean {
  if (policy === undefined && reason === undefined && name !== LABEL) return false;
  return /^global[_ -]?block[_ -]?list$/i.test(text(policy) ?? '') || name === LABEL || reason === LABEL;
}

const LABEL = 'Attack Blocked';
