import type { Fault, Json, JsonObject, SourceRecord } from '../types.ts';
import { mayBeDeep, tooDeep } from './depth.ts';
import { type DetectOptions, detect, type Nature } from './detect.ts';
import type { Detection, KindProfile } from './detection.ts';
import { isObject, text } from './scalars.ts';
import { mayHoldSecret, redactText } from './secrets.ts';

/** What one record held. Each entry counts one in the ledger; `index` is its place in a grouped record. */
export type Decoded =
  | { readonly detection: Detection; readonly index?: number }
  /** This part of the record is no detection. */
  | { readonly fault: Fault; readonly index?: number }
  /** Recognised, and not a detection: `insights`, `empty_group`. */
  | { readonly filtered: string; readonly index?: number };

export interface DecodeOptions extends DetectOptions {
  /** The profile of a known kind. */
  readonly profile: (kind: string) => KindProfile | undefined;
  /** What kinds nobody has seen go through. */
  readonly unknown: KindProfile;
}

/** Kinds that go by their `type`, since their `id` is a UUID or absent. */
const BY_TYPE = new Set(['Threat-Intelligence', 'pr_check_failure']);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What a record says of all that is in it, beside whether it may be too deep to walk. */
interface RecordNature extends Nature {
  readonly deep: boolean;
}

/** Reads one record: a detection, a group of them, or a named fault. Never throws; returns at least one entry. */
export function decode(record: SourceRecord, receivedMs: number, options: DecodeOptions): Decoded[] {
  if (record.fault !== undefined) return [{ fault: record.fault }];
  const raw = record.text;
  let value: Json;
  try {
    value = JSON.parse(raw) as Json;
  } catch {
    // V8's message quotes the text, so it stays out of the reason.
    return [{ fault: { code: 'invalid_json', reason: 'the record is not valid JSON' } }];
  }
  if (!isObject(value))
    return [{ fault: { code: 'not_an_object', reason: `the record is JSON, but ${nameOf(value)}` } }];
  const nature: RecordNature = {
    suspect: mayHoldSecret(raw),
    ours: record.origin.source === 'api',
    origin: record.origin.uri,
    deep: mayBeDeep(raw),
  };
  if (Array.isArray(value.data) && value.detection === undefined) {
    return decodeGroup(value, value.data, nature, receivedMs, options);
  }
  return [decodeOne(value, nature, receivedMs, options)];
}

function decodeGroup(
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
    return { ...decodeOne({ ...carried, ...member }, nature, receivedMs, options), index };
  });
}

function decodeOne(
  payload: JsonObject,
  nature: RecordNature,
  receivedMs: number,
  options: DecodeOptions,
): Decoded {
  const { suspect } = nature;
  if (nature.deep && tooDeep(payload))
    return { fault: { code: 'too_deep', reason: 'lists or objects lie too deep in one another' } };
  const { id, type } = payload;
  const named = typeof id === 'string' ? options.profile(id) : undefined;
  if (named !== undefined) {
    return {
      detection: detect(
        payload,
        { profile: named, id: named.kind, unknown: false },
        nature,
        receivedMs,
        options,
      ),
    };
  }
  if (typeof type === 'string' && BY_TYPE.has(type)) {
    const profile = options.profile(type);
    if (profile !== undefined) {
      return {
        detection: detect(payload, { profile, id: type, unknown: false }, nature, receivedMs, options),
      };
    }
  }
  if (isInsights(payload)) return { filtered: 'insights' };
  if (typeof id !== 'string' || id === '') {
    return {
      fault: {
        code: 'missing_id',
        reason: `the detection's id is ${id === undefined ? 'missing' : nameOf(id)}`,
      },
    };
  }
  const called = UUID.test(id) ? (text(type) ?? '_unknown') : id;
  const name = suspect ? redactText(called) : called;
  return {
    detection: detect(
      payload,
      { profile: options.unknown, id: name, unknown: true },
      nature,
      receivedMs,
      options,
    ),
  };
}

/** The document of a whole run: its jobs and steps, and no `detection` (reference: stepsecurity §3.4). */
function isInsights(payload: JsonObject): boolean {
  return Array.isArray(payload.jobs) && payload.detection === undefined;
}

function nameOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value === '') return 'empty';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
