import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../contracts/types.ts';
import { boolean, text } from './scalars.ts';
import { part, type Subject, sixTexts, sorted, subjectOf, timePart } from './subject.ts';

/** `event_id`: by the vendor's id if there is one. `natural`: always by the natural key. */
export type Identity = 'event_id' | 'natural';

/** Incremented when an unchanged detection gets a different uid. State with another version is refused. */
export const IDENTITY_VERSION = 'v2';

/** Links, state, and the group around a detection: they may change while the detection stays the same. */
const NOT_IDENTITY = new Set([
  'event_id',
  'html_url',
  'incident_url',
  'checks_url',
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
  'event_type',
  'customer',
  'parent_id',
  'parent_name',
  'parent_event_id',
]);

/** Already in the natural key, in normalized form. */
const IN_KEY = new Set(
  'id owner repo owner_repo repository run_id run_attempt job_id detection timestamp path'.split(' '),
);

/** What programs write for "nothing", including any number of zeros and hyphens. */
const NOTHING =
  /^(?:[0-]*|unknown|undefined|null|nil|none|nan|n\/a|false|not available|\(null\)|<nil>|<no value>)$/i;
const LONGEST_NOTHING = 64;

const THREAT = 'Threat-Intelligence';

/**
 * The uid of a detection, from its unredacted payload: the same detection read twice, from any source, has the same
 * uid; mappings, redaction, links and state flags never change it. A SHA-256 in hexadecimal digits. A test pins
 * reference uids.
 */
export function uidOf(
  payload: JsonObject,
  identity: Identity,
  subject: Subject = subjectOf(payload),
): string {
  const eventId = identity === 'event_id' ? eventIdOf(payload) : undefined;
  const { own, owner, repo } = subject;
  // Closing an incident is a separate event, not a duplicate of opening it.
  const more = isThreat(payload) ? [boolean(payload.is_active) ?? ''] : [];
  if (eventId === undefined) return hashOf([...naturalKey(payload, subject), ...more]);
  // Bound to its subject: the vendor's own samples use one id for two kinds, and anyone can write any id.
  if (more.length > 0) return hashOf([IDENTITY_VERSION, 'event_id', own, owner, repo, eventId, ...more]);
  return hash('sha256', sixTexts(IDENTITY_VERSION, 'event_id', own, owner, repo, eventId), 'hex');
}

/** The uid of a state change: suppress, reopen and suppress again are three changes. */
export function changeUid(uid: string, from: string, to: string, counter: number): string {
  return hashOf([IDENTITY_VERSION, 'change', uid, from, to, counter]);
}

/** The vendor's id, unless it identifies nothing. A number is its digits. */
function eventIdOf(payload: JsonObject): string | undefined {
  const id = text(payload.event_id);
  if (id === undefined || (id.length <= LONGEST_NOTHING && NOTHING.test(id.trim()))) return undefined;
  return id;
}

function naturalKey(payload: JsonObject, { own, uuid, owner, repo }: Subject): Json[] {
  return [
    IDENTITY_VERSION,
    'natural',
    own,
    owner,
    repo,
    uuid,
    part(payload.run_id),
    part(payload.run_attempt),
    part(payload.job_id),
    part(payload.detection),
    timePart(payload.timestamp),
    // `detection` has a file's basename or a call's host: two in the same second may differ only in path.
    part(payload.path),
    isWeak(payload, own, uuid) ? contentOf(payload, own) : '',
  ];
}

/** Whether the key needs the content to tell findings apart: it has no `detection`, or one that is just the kind. */
function isWeak(payload: JsonObject, own: string, uuid: string): boolean {
  // The text about an incident grows; its id does not change.
  if (isThreat(payload)) return uuid === '' && (own === '' || isSame(own, THREAT));
  const detection = text(payload.detection);
  return detection === undefined || isSame(detection, own);
}

function isThreat({ id, type }: JsonObject): boolean {
  return isSame(type, THREAT) || isSame(id, THREAT);
}

/** Ignores case. */
function isSame(value: Json | undefined, name: string): boolean {
  if (value === name) return true;
  if (typeof value !== 'string' || value.length !== name.length) return false;
  return value.toLowerCase() === name.toLowerCase();
}

/** What the payload says beyond the key, without anything that may change later. */
function contentOf(payload: JsonObject, own: string): Json {
  const identifying = Object.entries(payload).filter(([key, value]) => {
    if (NOT_IDENTITY.has(key) || (key === 'type' && value === own)) return false;
    return !IN_KEY.has(key) || text(value) === undefined;
  });
  return sorted(Object.fromEntries(identifying));
}

function hashOf(key: readonly Json[]): string {
  return hash('sha256', JSON.stringify(key), 'hex');
}
