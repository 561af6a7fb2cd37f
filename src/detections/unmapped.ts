import type { Json, JsonObject } from '../types.ts';
import { boolean, integer, isObject, text } from './scalars.ts';

/**
 * Members that `detect` reads and a rule of `_common` maps. Of these only `id_timestamp` is not read: it is `id` and
 * `timestamp` in one.
 */
const READ = new Set(
  `id type name event_id parent_id owner repo repository owner_repo customer workflow_id workflow_path run_id run_attempt
  job job_name job_id timestamp id_timestamp detection html_url is_lockdown is_suppressed is_resolved suppressed_by
  suppress_reason suppress_rule_id resolved_by resolved_reason endpoint direct_ip_address host method path file
  process_events imposter_commit tool secret rule_id line_number step_number expected_outbound_connections
  actions_not_allowed runs_on_labels_not_allowed compromised_actions_detected workflow_contains_secrets
  is_non_default_branch workflow_matches_default_ref current_branch_hash default_branch_hash`.split(/\s+/),
);

/** Whether a member that is read says something that no field holds: where two may say the same, or its type is wrong. */
const UNSAID = new Map<string, (payload: JsonObject) => boolean>([
  ['type', ({ type, id }) => type !== id && !goesByType(type)],
  ['job_name', ({ job_name: name, job }) => present(job) && job !== name],
  ['host', ({ host, endpoint }) => present(endpoint) && endpoint !== host],
  ['method', ({ host }) => !present(host)],
  ['file', ({ file, path }) => present(path) && text(path)?.endsWith(text(file) ?? '') !== true],
  ['repository', ({ repository, owner_repo }) => present(owner_repo) && owner_repo !== repository],
  ['repo', (payload) => !isRepo(payload)],
  ...[
    'is_lockdown',
    'is_suppressed',
    'is_resolved',
    'workflow_contains_secrets',
    'is_non_default_branch',
    'workflow_matches_default_ref',
  ].map((key) => [key, (payload: JsonObject) => boolean(payload[key]) === undefined] as const),
  ...['run_attempt', 'line_number', 'step_number'].map(
    (key) => [key, (payload: JsonObject) => integer(payload[key], key, []) === undefined] as const,
  ),
]);

function isUnsaid(key: string, payload: JsonObject, timeless: boolean): boolean {
  return UNSAID.get(key)?.(payload) === true || (timeless && key === 'timestamp');
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

const OBJECTS = new Set(['imposter_commit', 'tool']);
const LISTS = new Set([
  'actions_not_allowed',
  'runs_on_labels_not_allowed',
  'compromised_actions_detected',
  'expected_outbound_connections',
]);

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
 * the kind's own rules; null keeps the whole payload (kinds nobody has seen). `timeless`: no time could be read.
 */
export function unmappedOf(
  payload: JsonObject,
  reads: ReadonlySet<string> | null,
  timeless: boolean,
): JsonObject | undefined {
  if (reads === null) return payload;
  let rest: JsonObject | undefined;
  for (const key of Object.keys(payload)) {
    const value = payload[key];
    let left: Json | undefined = value;
    if (READ.has(key))
      left = isUnsaid(key, payload, timeless) && !reads.has(key) ? value : beyond(key, value);
    else if (reads.has(key)) continue;
    if (left === undefined || left === null || left === '') continue;
    rest ??= {};
    rest[key] = left;
  }
  return rest;
}

function beyond(key: string, value: Json | undefined): Json | undefined {
  // A known name with a shape nobody reads is as unknown as a new name.
  if (typeof value !== 'object' || value === null) return OBJECTS.has(key) ? value : undefined;
  if (key === 'imposter_commit') return isObject(value) ? extra(value, IMPOSTER) : value;
  if (key === 'tool') return isObject(value) ? merge(extra(value, TOOL), parentOf(value)) : value;
  if (key !== 'process_events') return LISTS.has(key) && Array.isArray(value) ? undefined : value;
  if (!Array.isArray(value)) return undefined;
  const extras = value.map((event) => {
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
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (known.has(key) || member === undefined || member === null) continue;
    rest ??= {};
    rest[key] = member;
  }
  return rest;
}

function merge(...parts: readonly (JsonObject | undefined)[]): JsonObject | undefined {
  return parts.every((part) => part === undefined) ? undefined : Object.assign({}, ...parts);
}
