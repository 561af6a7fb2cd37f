import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { shortName } from '../text/short-name.ts';
import type { Decoded, DecodeOptions, Entries } from './decoded.ts';
import { detect, type Kind, type Nature } from './detect.ts';
import { groupMembers } from './group.ts';
import { text } from './scalars.ts';
import { redactText } from './secrets.ts';
import { isUuid } from './subject.ts';

/** Kinds that go by their `type`, since their `id` is a UUID or absent. */
const BY_TYPE = new Set(['Threat-Intelligence', 'pr_check_failure']);

/** Members of a finding, which the parent of a group has not. */
const OF_FINDINGS = ['process_events', 'endpoint', 'host', 'path', 'tool', 'secret', 'imposter_commit'];

/**
 * The members of a grouped record; undefined where it is a detection by itself. A known kind of which no member says what it is is one: as a group of
 * nothing it would vanish. So is an unknown kind without members that says what was found.
 */
export function groupOf(value: JsonObject, options: DecodeOptions): readonly Json[] | undefined {
  const members = groupMembers(value);
  // Members have the group's type, and never its id.
  const typed = typeof value.type === 'string' && BY_TYPE.has(value.type);
  const saysWhat = (member: Json): boolean =>
    isObject(member) && (typed || text(member.id) !== undefined || text(member.type) !== undefined);
  if (members === undefined || members.some(saysWhat)) return members;
  if (members.length === 0 && OF_FINDINGS.some((name) => value[name] !== undefined)) return undefined;
  return knownKind(value, options) === undefined ? members : undefined;
}

/** The one thing that a record holds which is no group: a detection, or a named fault. */
export function entryOf(
  payload: JsonObject,
  nature: Nature,
  receivedMs: number,
  options: DecodeOptions,
): Decoded {
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

/** Decodes the members of a group, each when it is asked for. */
export function membersOf(
  members: readonly Json[],
  carried: JsonObject,
  nature: Nature,
  receivedMs: number,
  options: DecodeOptions,
): Entries {
  if (members.length === 0) return [{ filtered: 'empty_group' }];
  const { length } = members;
  const decodeAt = (index: number): Decoded => {
    const member = members[index] ?? null;
    if (!isObject(member)) {
      return { fault: { code: 'not_an_object', reason: `data[${index}] is ${nameOf(member)}` }, index };
    }
    return { ...entryOf({ ...carried, ...member }, nature, receivedMs, options), index };
  };
  return {
    length,
    at: (index) => (index < length ? decodeAt(index) : undefined),
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index += 1) yield decodeAt(index);
    },
  };
}

function knownKind({ id, type }: JsonObject, { profile }: DecodeOptions): Kind | undefined {
  const named = typeof id === 'string' ? profile(id) : undefined;
  if (named !== undefined) return { profile: named, id: named.kind, unknown: false };
  const typed = typeof type === 'string' && BY_TYPE.has(type) ? profile(type) : undefined;
  return typed === undefined ? undefined : { profile: typed, id: typed.kind, unknown: false };
}

/** The document of a whole run: its jobs and steps, and no `detection`. */
function isInsights(payload: JsonObject): boolean {
  return Array.isArray(payload.jobs) && payload.detection === undefined;
}

export function nameOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value === '') return 'empty';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
