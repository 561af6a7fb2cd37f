import type { Json, JsonObject } from '../types.ts';
import { setMember } from './member.ts';
import { boolean, integer, isObject, isPlain, text } from './scalars.ts';

/** How a member is read. */
interface Reading {
  /** Whether it says something that no field holds, beside others that may say the same or in a type that nobody reads. */
  readonly unsaid?: (value: Json, payload: JsonObject, timeless: boolean) => boolean;
  /** What no field holds of its value. */
  readonly beyond: (value: Json) => Json | undefined;
}

/** A known name with a shape nobody reads is as unknown as a new name. */
function unlessScalar(value: Json): Json | undefined {
  return typeof value === 'object' ? value : undefined;
}

const SCALAR: Reading = { beyond: unlessScalar };
const LIST: Reading = { beyond: (value) => (isPlain(value) ? undefined : value) };

function scalarUnless(unsaid: NonNullable<Reading['unsaid']>): Reading {
  return { unsaid, beyond: unlessScalar };
}

/**
 * Members that `detect` reads and a rule of `_common` maps. Of these only `id_timestamp` is not read: it is `id` and
 * `timestamp` in one.
 */
const READ = new Map<string, Reading>([
  ...each(
    `id name event_id parent_id owner owner_repo customer workflow_id workflow_path run_id job job_id id_timestamp detection
    html_url suppressed_by suppress_reason suppress_rule_id resolved_by resolved_reason endpoint direct_ip_address path
    secret rule_id current_branch_hash default_branch_hash`,
    () => SCALAR,
  ),
  ...each(
    'actions_not_allowed runs_on_labels_not_allowed compromised_actions_detected expected_outbound_connections',
    () => LIST,
  ),
  ...each(
    `is_lockdown is_suppressed is_resolved workflow_contains_secrets is_non_default_branch
    workflow_matches_default_ref`,
    () => scalarUnless((value) => boolean(value) === undefined),
  ),
  ...each('run_attempt line_number step_number', (key) =>
    scalarUnless((value) => integer(value, key, []) === undefined),
  ),
  ['type', scalarUnless((type, { id }) => type !== id && !goesByType(type))],
  ['timestamp', scalarUnless((_, __, timeless) => timeless)],
  ['job_name', scalarUnless((name, { job }) => present(job) && job !== name)],
  ['host', scalarUnless((host, { endpoint }) => present(endpoint) && endpoint !== host)],
  ['method', scalarUnless((_, { host }) => !present(host))],
  [
    'file',
    scalarUnless((file, { path }) => present(path) && text(path)?.endsWith(text(file) ?? '') !== true),
  ],
  ['repository', scalarUnless((repository, { owner_repo: full }) => present(full) && full !== repository)],
  ['repo', scalarUnless((_, payload) => !isRepo(payload))],
  ['imposter_commit', { beyond: (value) => (isObject(value) ? extra(value, IMPOSTER) : value) }],
  ['tool', { beyond: (value) => (isObject(value) ? merge(extra(value, TOOL), parentOf(value)) : value) }],
  ['process_events', { beyond: beyondEvents }],
]);

function each(keys: string, readingOf: (key: string) => Reading): [string, Reading][] {
  return keys.split(/\s+/).map((key) => [key, readingOf(key)]);
}

function goesByType(type: Json | undefined): boolean {
  return type === 'Threat-Intelligence' || type === 'pr_check_failure';
}

function present(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** `repo` is `owner/name` or its name; the fuller members go first. */
function isRepo({ repo, owner_repo, repository }: JsonObject): boolean {
  const full = text(owner_repo) ?? text(repository);
  return full === undefined || full === repo || full.endsWith(`/${text(repo)}`);
}

const IMPOSTER = new Set([
  'action',
  'tag',
  'sha',
  'timestamp',
  'is_imposter_commit',
  'is_commit_on_default_branch',
]);
const TOOL = new Set(['name', 'sha256', 'parent']);
const NAME = new Set(['name']);
const PROCESS = new Set([
  'pid',
  'ppid',
  'exe',
  'working_directory',
  'arguments',
  'timestamp',
  'armour_event_process',
]);
const ARMOUR = new Set(['armour_event_kind', 'timestamp', 'file_info', 'enforced_protection']);
const FILE_INFO = new Set([
  'is_write',
  'current_pid',
  'current_exe',
  'target_file',
  'target_pid',
  'target_exe',
]);

/**
 * What of a payload no field holds, nested members included; undefined when that is nothing. `reads` adds the keys of
 * the kind's own rules; null keeps the whole payload (kinds nobody has seen). `timeless`: no time could be read. `taken`: a
 * member that is read whole.
 */
export function unmappedOf(
  payload: JsonObject,
  reads: ReadonlySet<string> | null,
  timeless: boolean,
  taken?: string,
): JsonObject | undefined {
  if (reads === null) return payload;
  let rest: JsonObject | undefined;
  // The fastest way through members that V8 has: what JSON made inherits none.
  for (const key in payload) {
    const value = payload[key];
    const reading = READ.get(key);
    // Nearly every member ends here.
    if (reading === SCALAR && typeof value !== 'object') continue;
    if (value === undefined || value === null || value === '') continue;
    if (reading === undefined && (key === taken || (reads.has(key) && isPlain(value)))) continue;
    const unsaid =
      reading === undefined || (reading.unsaid?.(value, payload, timeless) === true && !reads.has(key));
    const left = unsaid ? value : reading.beyond(value);
    if (left === undefined) continue;
    rest ??= {};
    setMember(rest, key, left);
  }
  return rest;
}

function beyondEvents(events: Json): Json | undefined {
  if (!Array.isArray(events)) return isObject(events) ? beyondEvents([events]) : events;
  const extras = events.map((event) => {
    const armour = isObject(event) ? event.armour_event_process : undefined;
    const info = isObject(armour) ? armour.file_info : undefined;
    return merge(extra(event, PROCESS), extra(armour, ARMOUR), extra(info, FILE_INFO));
  });
  return extras.some((one) => one !== undefined) ? extras.map((one) => one ?? {}) : undefined;
}

/** Of the parent only the name is read. */
function parentOf({ parent }: JsonObject): JsonObject | undefined {
  const rest = extra(parent, NAME);
  if (rest === undefined || Object.values(rest).every((member) => member === '')) return undefined;
  return { parent: rest };
}

function extra(value: Json | undefined, known: ReadonlySet<string>): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  let rest: JsonObject | undefined;
  for (const key in value) {
    const member = value[key];
    if (known.has(key) || member === undefined || member === null) continue;
    rest ??= {};
    setMember(rest, key, member);
  }
  return rest;
}

function merge(...parts: readonly (JsonObject | undefined)[]): JsonObject | undefined {
  const present = parts.filter((part) => part !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present.flatMap(Object.entries<Json>));
}
