import { hash } from 'node:crypto';

/** Longer than any name people give. */
const LONGEST = 100;

/**
 * Shortens a name from a payload for ledgers, reports and logs: a name longer than any real one becomes its beginning
 * and a hash, so that two different names stay different.
 */
export function shortName(name: string): string {
  if (name.length <= LONGEST) return name;
  return `${name.slice(0, LONGEST).toWellFormed()}… (${hash('sha256', name).slice(0, 16)})`;
}
