import type { Json } from '../contracts/types.ts';

/** What the id of a kind itself says. */

/** A failed check of a pull request, whose `check_type` says which; also the kind for types without a mapping. */
export const ANY_CHECK = 'pr_check_failure';

/** Kinds named by their `type`, since their `id` is a UUID, absent, or different each time. */
const BY_TYPE = new Map(['Threat-Intelligence', ANY_CHECK].map((kind) => [kind.toLowerCase(), kind]));

export function kindByType(type: Json | undefined): string | undefined {
  return typeof type === 'string' ? BY_TYPE.get(type.trim().toLowerCase()) : undefined;
}

/** The vendor's names for what it stopped: `Domain-Blocked`, `Actions-Policy-Blocked`. */
export function saysBlocked(id: string): boolean {
  return /-Blocked$/i.test(id);
}

/** A dry run of a policy: `Actions-Policy-DryRun-Blocked` or, named after its status, `…-DryRunBlocked`. */
export function isRehearsal(id: string): boolean {
  return /-dry-?run(?=-|blocked$|$)/i.test(id);
}

/** The kind without the dry-run part. */
export function rehearsedKind(id: string): string {
  return id.replace(/-dry-?run-?blocked$/i, '-Blocked').replace(/-dry-?run(?=-|$)/i, '');
}

const LOCKDOWN = /-LOCKDOWN(?:-|$)/;

/** Whether lockdown ended it: the vendor appends that, and the job, to the kind. */
export function saysLockdown(id: string): boolean {
  return LOCKDOWN.test(id);
}

/** The kind without the lockdown part. */
export function lockedKind(id: string): string {
  return id.slice(0, id.search(LOCKDOWN));
}
