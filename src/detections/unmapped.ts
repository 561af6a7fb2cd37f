import type { Json, JsonObject } from '../types.ts';
import { isObject } from './scalars.ts';

/** Members that `detect` reads, or that say nothing the document does not hold already (`id_timestamp`, key parts of the vendor's table). */
const READ = new Set(
  `id type name event_id parent_id owner repo repository owner_repo customer workflow_id workflow_path run_id run_attempt
  job job_name job_id timestamp id_timestamp detection html_url is_lockdown is_suppressed is_resolved suppressed_by
  suppress_reason suppress_rule_id resolved_by resolved_reason endpoint direct_ip_address host method path file
  process_events imposter_commit tool secret rule_id line_number step_number expected_outbound_connections
  actions_not_allowed runs_on_labels_not_allowed compromised_actions_detected workflow_contains_secrets
  is_non_default_branch workflow_matches_default_ref current_branch_hash default_branch_hash`.split(/\s+/),
);

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
 * What of a payload nothing reads, nested members included; undefined when that is nothing. `reads` adds the keys of the
 * kind's own rules; null keeps the whole payload (kinds nobody has seen).
 */
export function unmappedOf(payload: JsonObject, reads: ReadonlySet<string> | null): JsonObject | undefined {
  if (reads === null) return payload;
  let rest: JsonObject | undefined;
  for (const key of Object.keys(payload)) {
    const value = payload[key];
    const left = READ.has(key) ? beyond(key, value) : reads.has(key) ? undefined : value;
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
  if (key === 'tool') return isObject(value) ? extra(value, TOOL) : value;
  if (key !== 'process_events') return LISTS.has(key) && Array.isArray(value) ? undefined : value;
  if (!Array.isArray(value)) return undefined;
  const extras = value.map((event) => {
    const armour = isObject(event) ? event.armour_event_process : undefined;
    const info = isObject(armour) ? armour.file_info : undefined;
    return merge(extra(event, PROCESS), extra(armour, ARMOUR), extra(info, FILE_INFO));
  });
  return extras.some((one) => one !== undefined) ? extras.map((one) => one ?? {}) : undefined;
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
