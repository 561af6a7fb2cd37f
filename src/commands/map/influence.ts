import { isObject, setMember } from '../../contracts/json.ts';
import type { Document, Json, JsonObject } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import type { Transform } from '../../session/transform.ts';

/** A member of a payload: its keys, and its path as text. */
interface Member {
  readonly keys: readonly (string | number)[];
  readonly name: string;
  readonly value: Json;
}

/** The fields of one document, with dotted names, in order. */
export type DocumentFields = ReadonlyMap<string, Json>;

/**
 * If a payload has more members or characters than this, only its top-level keys are examined: each costs two more
 * decodings.
 */
const MOST_MEMBERS = 300;
const MOST_TEXT = 65_536;

/** Which members of a payload became what. */
export interface Influence {
  readonly members: readonly Member[];
  /** Members that a field depends on; those that determine the kind are only included if there is no other. */
  readonly sourcesOf: (role: Document['role'], field: string) => readonly string[];
}

/**
 * Finds out which members of a payload each field depends on, whatever the program and the mappings do with them:
 * leaves out each member once and changes it once; fields that then differ depend on it. `transform` must not be
 * shared, because it overwrites its pages.
 */
export function influenceOf(detection: Detection, transform: Transform, receivedMs: number): Influence {
  const { payload } = detection;
  const attempt = (variant: JsonObject) => documentsOf(variant, detection.origin, transform, receivedMs);
  const base = attempt(payload)?.documents ?? new Map<Document['role'], DocumentFields>();
  const members = membersOf(payload);
  const sources: Sources = new Map();
  /** The same, for members whose change would make it another kind. */
  const byKind: Sources = new Map();
  for (const member of members) {
    for (const variant of [without(payload, member.keys), changed(payload, member)]) {
      const other = variant && attempt(variant);
      if (other === undefined) continue;
      const isOther = other.detection.profile.kind !== detection.profile.kind;
      for (const [role, fields] of base) {
        const now = other.documents.get(role);
        for (const [field, value] of fields)
          if (JSON.stringify(now?.get(field)) !== JSON.stringify(value))
            note(isOther ? byKind : sources, keyOf(role, field), member.name);
      }
    }
  }
  return {
    members,
    sourcesOf: (role, field) => {
      const key = keyOf(role, field);
      return [...(sources.get(key) ?? byKind.get(key) ?? [])];
    },
  };
}

type Sources = Map<string, Set<string>>;

function note(sources: Sources, key: string, name: string): void {
  sources.set(key, (sources.get(key) ?? new Set()).add(name));
}

function keyOf(role: Document['role'], field: string): string {
  return `${role ?? ''} ${field}`;
}

function documentsOf(payload: JsonObject, uri: string, transform: Transform, receivedMs: number) {
  const record = { text: JSON.stringify(payload), origin: { source: 'file', uri }, offset: 0 };
  for (const { entries } of transform.decode([record], receivedMs)) {
    const entry = entries.length === 1 ? entries.at(0) : undefined;
    if (entry === undefined || !('detection' in entry)) return undefined;
    const free = transform.pages.open();
    const documents = new Map(
      transform.map(entry.detection).map(({ role, json }) => [role, fieldsOf(JSON.parse(json.toString()))]),
    );
    free();
    return { detection: entry.detection, documents };
  }
  return undefined;
}

/** Dotted names and their values; a list is one value. */
export function fieldsOf(document: Json): DocumentFields {
  const fields = new Map<string, Json>();
  const add = (value: Json, path: string): void => {
    if (isObject(value) && Object.keys(value).length > 0) {
      for (const [key, member] of Object.entries(value)) add(member, path === '' ? key : `${path}.${key}`);
    } else fields.set(path, value);
  };
  add(document, '');
  return fields;
}

/** Every value of a payload; a list of plain values is one. */
function membersOf(payload: JsonObject): Member[] {
  const members: Member[] = [];
  const add = (value: Json, keys: readonly (string | number)[], name: string): void => {
    const isBranch = isObject(value) || (Array.isArray(value) && value.some((one) => isObject(one)));
    if (!isBranch || Object.keys(value).length === 0) members.push({ keys, name, value });
    else if (Array.isArray(value))
      value.forEach((one, at) => {
        add(one, [...keys, at], `${name}[${at}]`);
      });
    else for (const [key, one] of Object.entries(value)) add(one, [...keys, key], `${name}.${key}`);
  };
  for (const [key, value] of Object.entries(payload)) add(value, [key], key);
  if (members.length <= MOST_MEMBERS && JSON.stringify(payload).length <= MOST_TEXT) return members;
  return Object.entries(payload).map(([key, value]) => ({ keys: [key], name: key, value }));
}

function without(payload: JsonObject, keys: Member['keys']): JsonObject {
  const copy = structuredClone(payload);
  const parent = parentIn(copy, keys);
  const last = keys.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isObject(parent)) delete parent[last];
  return copy;
}

/** The payload with another value of the same form there; undefined if there is nothing to change. */
function changed(payload: JsonObject, { keys, value }: Member): JsonObject | undefined {
  const other = another(value);
  if (other === undefined) return undefined;
  const copy = structuredClone(payload);
  const parent = parentIn(copy, keys);
  const last = keys.at(-1) ?? '';
  if (Array.isArray(parent)) parent[Number(last)] = other;
  else if (isObject(parent)) setMember(parent, String(last), other);
  return copy;
}

function parentIn(payload: JsonObject, keys: Member['keys']): Json {
  return keys
    .slice(0, -1)
    .reduce<Json>((at, key) => (at as Record<string | number, Json>)[key] ?? null, payload);
}

function another(value: Json): Json | undefined {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return anotherText(value);
  if (!Array.isArray(value)) return undefined;
  const [first = null, ...rest] = value;
  const other = another(first);
  return other === undefined ? undefined : [other, ...rest];
}

/** Changes the last letter or digit, so that the form of the text stays valid. */
function anotherText(text: string): string | undefined {
  if (text === 'true' || text === 'false') return text === 'true' ? 'false' : 'true';
  const at = text.search(/[A-Za-z0-9][^A-Za-z0-9]*$/);
  if (at < 0) return undefined;
  const last = text[at] ?? '';
  const next = /\d/.test(last) ? String((Number(last) + 1) % 10) : last.toLowerCase() === 'x' ? 'y' : 'x';
  return `${text.slice(0, at)}${next}${text.slice(at + 1)}`;
}
