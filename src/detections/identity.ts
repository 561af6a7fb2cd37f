import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../types.ts';
import { boolean, text } from './scalars.ts';
import { suspicious } from './secrets.ts';
import { parseTime } from './time.ts';

/** `event_id`: the vendor's id where there is one. `natural`: always the hash of the natural key. */
export type Identity = 'event_id' | 'natural';

const MAX_EVENT_ID_BYTES = 128;

/** State, links and what we added ourselves: they change while the detection stays the same. */
const NOT_IDENTITY = new Set([
  'event_id',
  'html_url',
  'is_suppressed',
  'is_resolved',
  'suppressed_by',
  'suppress_reason',
  'suppress_rule_id',
  'resolved_by',
  'resolved_reason',
  'runtime_security_status',
  'customer_id_status',
  'owner_id_status',
  'owner_repo_id_status',
  'ttl',
  'stepsecurity_siem',
  'alert_timestamp',
  'parent_id',
  'parent_name',
  'parent_event_id',
]);

/**
 * The uid of a detection, from its unredacted payload: the same detection read twice, by any source, has the same uid;
 * state flags, links and redaction never change it. Golden uids are frozen in a test.
 */
export function uidOf(
  kind: string,
  payload: JsonObject,
  fullRepo: string | undefined,
  identity: Identity,
): string {
  if (kind === 'Threat-Intelligence') return threatIntelUid(payload);
  const eventId = payload.event_id;
  if (identity === 'event_id' && typeof eventId === 'string' && eventId !== '') {
    // An id is written everywhere: one that holds a token goes by its hash like one that is too long.
    const asItIs = Buffer.byteLength(eventId) <= MAX_EVENT_ID_BYTES && !suspicious(eventId);
    return asItIs ? eventId : hash(['v1', 'event_id', eventId]);
  }
  return naturalUid(payload, fullRepo);
}

/** The natural key in the order of reference: field-models §2. */
function naturalUid(payload: JsonObject, fullRepo: string | undefined): string {
  const detection = text(payload.detection);
  const key: Json[] = [
    'v1',
    text(payload.id) ?? text(payload.type) ?? '',
    text(payload.owner) ?? '',
    fullRepo ?? '',
    text(payload.run_id) ?? '',
    text(payload.run_attempt) ?? '',
    text(payload.job_id) ?? '',
    detection ?? '',
    // Without an upper bound: a time in the future must not be another tomorrow.
    parseTime(payload.timestamp, Number.POSITIVE_INFINITY) ?? text(payload.timestamp) ?? '',
  ];
  // `detection` names a file by its basename and a call by its host: two of one second differ in their path alone.
  const path = text(payload.path);
  if (path !== undefined) key.push(path);
  // Without `detection` the key is too weak to tell two findings apart: then what was found is part of it.
  if (detection === undefined) key.push(canonical(payload));
  return hash(key);
}

/** A closing (`is_active` false) is an event of its own, not a duplicate of the opening. */
function threatIntelUid(payload: JsonObject): string {
  const id = text(payload.event_id) ?? text(payload.id) ?? canonical(payload);
  return hash(['v1', 'Threat-Intelligence', id, boolean(payload.is_active) ?? '']);
}

/** The uid of a state change: suppress, reopen, suppress again are three. */
export function changeUid(uid: string, from: string, to: string, counter: number): string {
  return hash(['v1', 'change', uid, from, to, counter]);
}

function hash(key: Json): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('hex');
}

/** The payload with sorted keys and without what may change later, as text. */
function canonical(payload: JsonObject): string {
  const identifying = Object.entries(payload).filter(([key]) => !NOT_IDENTITY.has(key));
  return JSON.stringify(sorted(Object.fromEntries(identifying)));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
