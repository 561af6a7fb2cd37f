import { hash } from 'node:crypto';
import type { ObjectRef } from './object.ts';

/** Length of an object's id in bytes. */
export const ID_BYTES = 16;

/**
 * 16 bytes that identify one content of one place: a hash of key and version. As a latin-1 string, so that a set of
 * them is small: `Buffer.from(id, 'latin1')` gives the bytes.
 */
export function objectId(ref: { readonly key: string; readonly version: string }): string {
  return hash('sha256', `${ref.key}\0${ref.version}`, 'buffer').toString('latin1', 0, ID_BYTES);
}

/** The number of runs in which each object could not be read, by `objectId`. */
export type Attempts = Map<string, number>;

/**
 * An object that fails in this many runs becomes one dead letter and counts as done: it must not block the rest
 * forever.
 */
const MAX_ATTEMPTS = 3;

/** Whether one more failure makes the object count as done. */
export function isLastAttempt(attempts: ReadonlyMap<string, number>, ref: ObjectRef): boolean {
  return (attempts.get(objectId(ref)) ?? 0) + 1 >= MAX_ATTEMPTS;
}
