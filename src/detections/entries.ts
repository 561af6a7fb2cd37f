import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { shortName } from '../text/short-name.ts';
import type { Decoded, DecodeOptions, Entries } from './decoded.ts';
import { detect, type Kind, type Nature } from './detect.ts';
import type { KindProfile } from './detection.ts';
import { groupMembers } from './group.ts';
import { ANY_CHECK, isRehearsal, kindByType, lockedKind, rehearsedKind, saysLockdown } from './kind.ts';
import { text } from './scalars.ts';
import { isUuid } from './subject.ts';

/** Members of a finding that the parent of a group does not have. */
const OF_FINDINGS = ['process_events', 'endpoint', 'host', 'path', 'tool', 'secret', 'imposter_commit'];

/**
 * The members of a grouped record; undefined if the record is a single detection. A known kind none of whose
 * members has an id or a type is a detection: as an empty group it would vanish. So is an unknown kind without
 * members that has fields of a finding.
 */
export function groupOf(value: JsonObject, options: DecodeOptions): readonly Json[] | undefined {
  const members = groupMembers(value);
  if (members === undefined) return undefined;
  // Members share the group's type, but never its id.
  const typed = kindByType(value.type) !== undefined;
  const saysWhat = (member: Json): boolean =>
    isObject(member) && (typed || text(member.id) !== undefined || text(member.type) !== undefined);
  if (members.some(saysWhat)) return members;
  if (members.length === 0 && OF_FINDINGS.some((name) => value[name] !== undefined)) return undefined;
  return isKnown(value, options) ? undefined : members;
}

/** The single item in a record that is not a group: a detection, or a named fault. */
export function entryOf(
  payload: JsonObject,
  nature: Nature,
  receivedMs: number,
  options: DecodeOptions,
): Decoded {
  const known = knownKind(payload, nature, options);
  if (known !== undefined) return { detection: detect(payload, known, nature, receivedMs, options) };
  if (isInsights(payload)) {
    options.runs?.note(payload);
    return { filtered: 'insights' };
  }
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
    id: nameFrom(called, nature, options),
    unknown: true,
  };
  return { detection: detect(payload, unknown, nature, receivedMs, options) };
}

/** Decodes the members of a group, each on request. */
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

/**
 * An unknown kind's name is written many times, so it is shortened; the payload, which such kinds keep, has it in
 * full.
 */
function nameFrom(called: string, { suspect }: Nature, { redactor }: DecodeOptions): string {
  const name = called.trim() || called;
  return shortName(suspect ? redactor.text(name) : name);
}

function isKnown(payload: JsonObject, options: DecodeOptions): boolean {
  return profileOf(payload, options) !== undefined;
}

function knownKind(payload: JsonObject, nature: Nature, options: DecodeOptions): Kind | undefined {
  const profile = profileOf(payload, options);
  if (profile === undefined) return undefined;
  // A check whose type has no mapping is still named after its type, so that rules and filters can refer to it.
  const type = profile.kind === ANY_CHECK ? text(payload.check_type) : undefined;
  if (type !== undefined) return { profile, id: nameFrom(type, nature, options), unknown: true };
  return { profile, id: profile.kind, unknown: false };
}

function profileOf(
  { id, type, check_type: check }: JsonObject,
  { profile }: DecodeOptions,
): KindProfile | undefined {
  const named = typeof id === 'string' ? idProfile(id, profile) : undefined;
  if (named !== undefined && named.kind !== ANY_CHECK) return named;
  const typed = named?.kind ?? kindByType(type);
  if (typed === undefined) return undefined;
  const checked = typed === ANY_CHECK && typeof check === 'string' ? profile(check) : undefined;
  // If `check_type` names a kind that is not a check, it is ignored.
  return checked?.dataset === 'pr_check' ? checked : profile(typed);
}

/** The id may also say that a policy was a dry run, or that lockdown ended the job. */
function idProfile(id: string, profile: DecodeOptions['profile']): KindProfile | undefined {
  const known = profile(id);
  if (known !== undefined) return known;
  if (isRehearsal(id)) return profile(rehearsedKind(id));
  return saysLockdown(id) ? profile(lockedKind(id)) : undefined;
}

/** The document of a whole run: its jobs and steps, and no `detection`. */
export function isInsights(payload: JsonObject): boolean {
  return Array.isArray(payload.jobs) && payload.detection === undefined;
}

export function nameOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value === '') return 'empty';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
