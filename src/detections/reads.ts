import { isObject, setMember } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { isPlain } from './scalars.ts';

/** Which members of an object the rules read: as a whole, or members within them. */
export type Reads = ReadonlyMap<string, Read>;

interface Read {
  readonly whole: boolean;
  readonly members: Reads;
}

/** From dotted paths: `disk.device` reads the member `device` of `disk`. */
export function readsOf(paths: readonly string[]): Reads {
  const byKey = new Map<string, string[]>();
  for (const path of paths) {
    const [key = '', ...rest] = path.split('.');
    byKey.set(key, [...(byKey.get(key) ?? []), rest.join('.')]);
  }
  return new Map(
    [...byKey].map(([key, rests]) => [
      key,
      { whole: rests.includes(''), members: readsOf(rests.filter((rest) => rest !== '')) },
    ]),
  );
}

/** The parts of a value that no rule reads; undefined if none, and the value itself if all. */
export function unreadOf(value: Json, { whole, members }: Read): Json | undefined {
  if (whole && isPlain(value)) return undefined;
  if (members.size === 0 || !isObject(value)) return value;
  const rest: JsonObject = {};
  let same = true;
  for (const [key, member] of Object.entries(value)) {
    const read = members.get(key);
    const left =
      member === null || member === '' ? undefined : read === undefined ? member : unreadOf(member, read);
    same &&= left === member;
    if (left !== undefined) setMember(rest, key, left);
  }
  if (same) return value;
  return Object.keys(rest).length === 0 ? undefined : rest;
}
