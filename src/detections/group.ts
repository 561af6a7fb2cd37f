import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';

/** The members of a grouped record; undefined for any other. */
export function groupMembers(value: JsonObject): readonly Json[] | undefined {
  return Array.isArray(value.data) && value.detection === undefined ? value.data : undefined;
}

/** The parent's fields that a member gets if it lacks them: all but its ids and name, which belong to the group. */
export function carriedFields(parent: JsonObject): JsonObject {
  const { data: _, id, name, event_id: eventId, ...carried } = parent;
  if (id !== undefined) carried.parent_id = id;
  if (name !== undefined) carried.parent_name = name;
  if (eventId !== undefined) carried.parent_event_id = eventId;
  return carried;
}

/** Gives the size of a member's copy of `carried`: 0 for a member that is not an object. */
export function costOfMembers(carried: JsonObject, members: readonly Json[]): (index: number) => number {
  let bytes: number | undefined;
  return (index) => {
    if (!isObject(members[index])) return 0;
    bytes ??= JSON.stringify(carried).length;
    return bytes;
  };
}
