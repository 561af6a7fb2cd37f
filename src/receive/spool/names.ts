import { randomBytes } from 'node:crypto';
import type { Kind } from './spool.ts';

/** Names of files and keys: sorted by time and unique, however many receivers share a spool. */
export function createNames(): (kind: Kind, now: Date) => string {
  const instance = randomBytes(8).toString('hex');
  let sequence = 0;
  return (kind, now) => {
    sequence += 1;
    const time = now.toISOString().replaceAll(/[-:.]/g, '');
    return `${time}-${instance}-${String(sequence).padStart(6, '0')}.${kind}`;
  };
}
