/** What the id of a kind says by itself. */

/** The vendor names what it stopped: `Domain-Blocked`, `Actions-Policy-Blocked`. */
export function saysBlocked(id: string): boolean {
  return /-Blocked$/i.test(id);
}

const REHEARSAL = /-dry-?run(?=-|$)/i;

/** A policy that was only tried out. */
export function isRehearsal(id: string): boolean {
  return REHEARSAL.test(id);
}

/** The kind that is tried out. */
export function rehearsedKind(id: string): string {
  return id.replace(REHEARSAL, '');
}
