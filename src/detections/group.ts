import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';

/** The members of a grouped record; undefined for any other. */
export function groupMembers(value: JsonObject): readonly Json[] | undefined {
  return Array.isArray(value.data) && value.detection === undefined ? value.data : undefined;
}

/** What of the parent each member gets that lacks it: everything but its ids and name, which are those of the group. */
export function carriedFields(parent: JsonObject): JsonObject {
  const { data: _, id, name, event_id: eventId, ...carried } = parent;
  if (id !== undefined) carried.parent_id = id;
  if (name !== undefined) carried.parent_name = name;
  if (eventId !== undefined) carried.parent_event_id = eventId;
  return carried;
}

/** Gives the bytes that a member's copy of `carried` takes: nothing for one that is no object. */
export function costOfMembers(carried: JsonObject, members: readonly Json[]): (index: number) => number {
  let bytes: number | undefined;
  return (index) => {
    if (!isObject(members[index])) return 0;
    bytes ??= JSON.stringify(carried).length;
    return bytes;
  };
}
