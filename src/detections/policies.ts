import type { KindProfile } from './detection.ts';

/** By the kind of a policy, the member of an evaluation that says how that policy went. */
export const POLICY_STATUS = {
  'Actions-Policy-Blocked': 'action_policy_status',
  'Runs-On-Policy-Blocked': 'runs_on_policy_status',
  'Secrets-Policy-Blocked': 'secrets_policy_status',
  'Compromised-Actions-Policy-Blocked': 'compromised_actions_policy_status',
  'Harden-Runner-Policy-Blocked': 'harden_runner_policy_status',
} as const;

const BY_KIND: ReadonlyMap<string, string> = new Map(Object.entries(POLICY_STATUS));
const POLICY = /^(.+-policy)-blocked$/i;

/** The member that says how the policy of a kind went; of a policy nobody has seen, as the vendor names the others. */
export function statusMemberOf({ group, reads }: KindProfile, id: string): string | undefined {
  if (group !== 'policy' && reads !== null) return undefined;
  const policy = POLICY.exec(id)?.[1];
  return policy && (BY_KIND.get(id) ?? `${policy.toLowerCase().replaceAll('-', '_')}_status`);
}
