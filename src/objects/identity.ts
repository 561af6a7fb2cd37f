import { hash } from 'node:crypto';
import type { ObjectRef } from './object.ts';

/** Bytes of an object's id. */
export const ID_BYTES = 16;

/**
 * 16 bytes that stand for one content of one place: a hash of key and version. As a latin-1 string, so that a set of
 * them is small: `Buffer.from(id, 'latin1')` gives the bytes.
 */
export function objectId(ref: { readonly key: string; readonly version: string }): string {
  return hash('sha256', `${ref.key}\0${ref.version}`, 'buffer').toString('latin1', 0, ID_BYTES);
}

/** In how many runs objects could not be read, by `objectId`. */
export type Attempts = Map<string, number>;

/** An object that fails in as many runs is one dead letter and counts as done: it must not hold up the rest for ever. */
const MAX_ATTEMPTS = 3;

/** True when one more failure makes the object count as done. */
export function isLastAttempt(attempts: ReadonlyMap<string, number>, ref: ObjectRef): boolean {
  return (attempts.get(objectId(ref)) ?? 0) + 1 >= MAX_ATTEMPTS;
}
