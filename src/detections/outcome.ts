import type { JsonObject } from '../contracts/types.ts';
import type { Detection, KindProfile } from './detection.ts';
import { isRehearsal, rehearsedKind, saysBlocked } from './kind.ts';
import { mayBeEnded } from './lockdown.ts';
import { text } from './scalars.ts';

/** What the payload says about the act, beyond its kind. */
interface Evidence {
  /** The payload says that lockdown mode ended the job. */
  readonly lockdown: boolean | undefined;
  /** The agent prevented what a process was about to do. */
  readonly enforced: boolean;
  /** The outcome of this kind's policy: `Blocked`, `DryRunBlocked`. */
  readonly status: string | undefined;
}

type Outcome = Pick<Detection, 'action' | 'stopped_by' | 'verdict' | 'dry_run'>;

/** What happened to the act. Claims nothing that neither the kind nor the payload says. */
export function outcomeOf(
  profile: KindProfile,
  id: string,
  payload: JsonObject,
  evidence: Evidence,
  warnings: string[],
): Outcome {
  // Anything but an act on a runner is neither stopped nor allowed.
  if (profile.dataset !== 'detection') return NO_ACT;
  const stoppedBy = FOUND_LATER.has(profile.kind) ? undefined : stopperOf(profile, payload, evidence);
  if (stoppedBy !== undefined) {
    const own = profile.action === 'blocked';
    return {
      action: 'blocked',
      stopped_by: own ? undefined : stoppedBy,
      verdict: 'was stopped',
      dry_run: false,
    };
  }
  const claimed =
    profile.action ?? (profile.reads === null && saysBlocked(rehearsedKind(id)) ? 'blocked' : undefined);
  if (claimed !== 'blocked') return claimed === undefined ? NO_ACT : ALLOWED;
  const said = evidence.status?.toLowerCase();
  if (said !== undefined && said !== 'blocked' && said !== REHEARSED.toLowerCase()) {
    // The kind says it was stopped, the policy's own status says it was not: unknown.
    warnings.push('policy_status_mismatch');
    return NO_ACT;
  }
  return isDryRun(id, payload, said) ? DRY_RUN : BLOCKED;
}

/** The vendor's status for a policy that "does not block the workflow run but records the violation". */
export const REHEARSED = 'DryRunBlocked';

/** Judged by the policy's status; without one, by the id. */
function isDryRun(id: string, { id: own }: JsonObject, said: string | undefined): boolean {
  if (said !== undefined) return said !== 'blocked';
  return isRehearsal(id) || isRehearsal(text(own) ?? '');
}

/** Already in the log or artifact when found, so ending the job does not keep the secret out. */
const FOUND_LATER = new Set(['Secret-In-Build-Log', 'Secret-In-Artifact']);

const NO_ACT: Outcome = { action: undefined, stopped_by: undefined, verdict: undefined, dry_run: false };
const ALLOWED: Outcome = { ...NO_ACT, action: 'allowed' };
const BLOCKED: Outcome = { ...NO_ACT, action: 'blocked', verdict: 'was stopped' };
const DRY_RUN: Outcome = { ...NO_ACT, action: 'allowed', verdict: 'would have been stopped', dry_run: true };

function stopperOf(
  profile: KindProfile,
  payload: JsonObject,
  { lockdown, enforced }: Evidence,
): Outcome['stopped_by'] {
  if (lockdown === true && mayBeEnded(profile)) return 'lockdown';
  if (enforced) return 'the agent';
  if (isAttackBlocked(payload)) return 'the global block list';
  return isDropped(profile, payload) ? 'the agent' : undefined;
}

/** The status that the agent gives to a connection it blocked. */
export function isDropped({ category }: KindProfile, { status, endpoint }: JsonObject): boolean {
  if (typeof status !== 'string' || status.toLowerCase() !== 'dropped') return false;
  return endpoint !== undefined || category.includes('network');
}

/**
 * A far end on the vendor's global block list, which is enforced even in audit mode. The agent reports such a
 * connection with `matched_policy`; the vendor's pages label it `Attack Blocked`, to distinguish it from
 * connections that an allowlist stopped.
 */
export function isAttackBlocked({ matched_policy: policy, name, reason }: JsonObject): boolean {
  if (policy === undefined && reason === undefined && name !== LABEL) return false;
  return /^global[_ -]?block[_ -]?list$/i.test(text(policy) ?? '') || name === LABEL || reason === LABEL;
}

const LABEL = 'Attack Blocked';
