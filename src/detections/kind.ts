import type { Json } from '../contracts/types.ts';

/** What the id of a kind says by itself. */

/** A failed check of a pull request, whose `check_type` says which; the kind of one that has no mapping. */
export const ANY_CHECK = 'pr_check_failure';

/** Kinds that go by their `type`, since their `id` is a UUID, absent, or another each time. */
const BY_TYPE = new Map(['Threat-Intelligence', ANY_CHECK].map((kind) => [kind.toLowerCase(), kind]));

export function kindByType(type: Json | undefined): string | undefined {
  return typeof type === 'string' ? BY_TYPE.get(type.trim().toLowerCase()) : undefined;
}

/** The vendor names what it stopped: `Domain-Blocked`, `Actions-Policy-Blocked`. */
export function saysBlocked(id: string): boolean {
  return /-Blocked$/i.test(id);
}

/** A policy that was only tried out: `Actions-Policy-DryRun-Blocked`, or as its status is called, `…-DryRunBlocked`. */
export function isRehearsal(id: string): boolean {
  return /-dry-?run(?=-|blocked$|$)/i.test(id);
}

/** The kind that is tried out. */
export function rehearsedKind(id: string): string {
  return id.replace(/-dry-?run-?blocked$/i, '-Blocked').replace(/-dry-?run(?=-|$)/i, '');
}

const LOCKDOWN = /-LOCKDOWN(?:-|$)/;

/** What lockdown ended: the vendor writes so, and what ran it, after the kind. */
export function saysLockdown(id: string): boolean {
  return LOCKDOWN.test(id);
}

/** The kind that lockdown ended. */
export function lockedKind(id: string): string {
  return id.slice(0, id.search(LOCKDOWN));
}
