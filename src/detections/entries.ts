import { shortName } from '../short-name.ts';
import type { Json, JsonObject } from '../types.ts';
import type { Decoded, DecodeOptions } from './decoded.ts';
import { tooDeep } from './depth.ts';
import { detect, type Kind, type Nature } from './detect.ts';
import { isObject, text } from './scalars.ts';
import { redactText } from './secrets.ts';
import { isUuid } from './subject.ts';

/** Kinds that go by their `type`, since their `id` is a UUID or absent. */
const BY_TYPE = new Set(['Threat-Intelligence', 'pr_check_failure']);

/** What a record says of all that is in it, beside whether it may be too deep to walk. */
export interface RecordNature extends Nature {
  readonly deep: boolean;
}

/** What the object of a record holds: a detection, a group of them, or a named fault. */
export function entriesOf(
  value: JsonObject,
  nature: RecordNature,
  receivedMs: number,
  options: DecodeOptions,
): Decoded[] {
  if (isGroup(value, options)) {
    return membersOf(value, value.data, nature, receivedMs, options);
  }
  return [entryOf(value, nature, receivedMs, options)];
}

/** A known kind without members is a detection by itself: as a group of nothing it would vanish. */
function isGroup(value: JsonObject, options: DecodeOptions): value is JsonObject & { data: Json[] } {
  if (!Array.isArray(value.data) || value.detection !== undefined) return false;
  return value.data.length > 0 || knownKind(value, options) === undefined;
}

function membersOf(
  parent: JsonObject,
  members: readonly Json[],
  nature: RecordNature,
  receivedMs: number,
  options: DecodeOptions,
): Decoded[] {
  if (members.length === 0) return [{ filtered: 'empty_group' }];
  // Its ids and name are those of the group; everything else belongs to each detection that lacks it.
  const { data: _, id, name, event_id: eventId, ...carried } = parent;
  if (id !== undefined) carried.parent_id = id;
  if (name !== undefined) carried.parent_name = name;
  if (eventId !== undefined) carried.parent_event_id = eventId;
  return members.map((member, index) => {
    if (!isObject(member)) {
      return { fault: { code: 'not_an_object', reason: `data[${index}] is ${nameOf(member)}` }, index };
    }
    return { ...entryOf({ ...carried, ...member }, nature, receivedMs, options), index };
  });
}

function entryOf(
  payload: JsonObject,
  nature: RecordNature,
  receivedMs: number,
  options: DecodeOptions,
): Decoded {
  if (nature.deep && tooDeep(payload))
    return { fault: { code: 'too_deep', reason: 'lists or objects lie too deep in one another' } };
  const known = knownKind(payload, options);
  if (known !== undefined) return { detection: detect(payload, known, nature, receivedMs, options) };
  if (isInsights(payload)) return { filtered: 'insights' };
  const { id, type } = payload;
  if (typeof id !== 'string' || id === '') {
    return {
      fault: {
        code: 'missing_id',
        reason: `the detection's id is ${id === undefined ? 'missing' : nameOf(id)}`,
      },
    };
  }
  const called = isUuid(id) ? (text(type) ?? '_unknown') : id;
  const unknown = {
    profile: options.unknown,
    // Written many times: whole it is in the payload, which such kinds keep.
    id: shortName(nature.suspect ? redactText(called) : called),
    unknown: true,
  };
  return { detection: detect(payload, unknown, nature, receivedMs, options) };
}

function knownKind({ id, type }: JsonObject, { profile }: DecodeOptions): Kind | undefined {
  const named = typeof id === 'string' ? profile(id) : undefined;
  if (named !== undefined) return { profile: named, id: named.kind, unknown: false };
  const typed = typeof type === 'string' && BY_TYPE.has(type) ? profile(type) : undefined;
  return typed === undefined ? undefined : { profile: typed, id: typed.kind, unknown: false };
}

/** The document of a whole run: its jobs and steps, and no `detection` (reference: stepsecurity §3.4). */
function isInsights(payload: JsonObject): boolean {
  return Array.isArray(payload.jobs) && payload.detection === undefined;
}

export function nameOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value === '') return 'empty';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
