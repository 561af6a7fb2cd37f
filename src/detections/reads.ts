import { isObject, setMember } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { isPlain } from './scalars.ts';

/** What rules read of the members of an object: each as it is, or what is in it. */
export type Reads = ReadonlyMap<string, Read>;

interface Read {
  readonly whole: boolean;
  readonly members: Reads;
}

/** Of dotted paths: `disk.device` reads the member `device` of `disk`. */
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

/** What of a value no rule reads; undefined when that is nothing, and the value itself when that is all. */
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
