import type { KindProfile } from './detection.ts';

/** For each policy kind, the member of an evaluation that holds the policy's status. */
export const POLICY_STATUS = {
  'Actions-Policy-Blocked': 'action_policy_status',
  'Runs-On-Policy-Blocked': 'runs_on_policy_status',
  'Secrets-Policy-Blocked': 'secrets_policy_status',
  'Compromised-Actions-Policy-Blocked': 'compromised_actions_policy_status',
  'Harden-Runner-Policy-Blocked': 'harden_runner_policy_status',
} as const;

const BY_KIND: ReadonlyMap<string, string> = new Map(Object.entries(POLICY_STATUS));
const POLICY = /^(.+-policy)-blocked$/i;

/** The member that holds the status of a kind's policy; for an unknown policy, the vendor's naming pattern. */
export function statusMemberOf({ group, reads }: KindProfile, id: string): string | undefined {
  if (group !== 'policy' && reads !== null) return undefined;
  const policy = POLICY.exec(id)?.[1];
  return policy && (BY_KIND.get(id) ?? `${policy.toLowerCase().replaceAll('-', '_')}_status`);
}
