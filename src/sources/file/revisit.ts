import { resolve } from 'node:path';
import { ConfigError } from '../../contracts/errors.ts';
import type { Again, Parts, Revisit } from '../../contracts/source.ts';
import { objectId } from '../../objects/identity.ts';
import { describeInHand, IN_HAND_PART } from '../../objects/in-hand.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { printable } from '../../text/printable.ts';
import { type ListOptions, listFiles } from './listing.ts';
import { decodeFiles, encodeFiles, FILES_PART } from './progress.ts';

/** The part in words. */
export async function describeFiles(parts: Parts): Promise<readonly string[]> {
  const saved = await parts.part(FILES_PART);
  const inHand = describeInHand(await parts.part(IN_HAND_PART));
  if (saved === undefined) return inHand;
  const { done, attempts, halfRead } = decodeFiles(saved);
  return [
    `files done: ${done.size}`,
    ...(attempts.size === 0 ? [] : [`files failing: ${attempts.size}`]),
    ...[...halfRead.values()].map(
      ({ key, records }) => `partly read: ${key}, continues after record ${records}`,
    ),
    ...inHand,
  ];
}

/** Finds the files to read again, in their current state, and removes them from the part. */
export async function revisitFiles(
  path: string,
  again: Again,
  parts: Parts,
  context: ListOptions,
): Promise<Revisit> {
  if (path === '-') throw new ConfigError('standard input cannot be read again');
  const saved = await parts.part(FILES_PART);
  if (saved === undefined)
    throw new ConfigError('the checkpoint has no progress yet: everything will be read anyway');
  const files = decodeFiles(saved);
  let objects = 0;
  let bytes = 0;
  for await (const ref of listFiles(path, context)) {
    if (!isAskedFor(ref, again)) continue;
    objects += 1;
    bytes += ref.size;
    files.done.delete(objectId(ref));
    files.attempts.delete(objectId(ref));
    files.halfRead.delete(ref.key);
  }
  if (objects === 0 && 'below' in again)
    throw new ConfigError(`${printable(again.below)}: the source has no file there`);
  return { objects, bytes, parts: new Map([[FILES_PART, encodeFiles(files)]]) };
}

function isAskedFor(ref: ObjectRef, again: Again): boolean {
  return 'since' in again ? ref.modified >= again.since : ref.key.startsWith(resolve(again.below));
}
