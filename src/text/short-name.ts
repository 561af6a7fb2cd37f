import { hash } from 'node:crypto';

/** Longer than any name that people give. */
const LONGEST = 100;

/**
 * A name out of a payload as ledgers, reports and logs take it: one that is longer than any real name is its beginning and
 * a hash, so that two of them stay two.
 */
export function shortName(name: string): string {
  if (name.length <= LONGEST) return name;
  return `${name.slice(0, LONGEST).toWellFormed()}… (${hash('sha256', name).slice(0, 16)})`;
}
