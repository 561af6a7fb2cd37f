import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import type { BlockList, Policy, SecretFinding } from './detection.ts';
import { firstFive } from './first-five.ts';
import { isAttackBlocked } from './outcome.ts';
import { boolean, integer, list, orNothing, text } from './scalars.ts';

/** Lists are capped so that a baseline of 10,000 endpoints does not exceed what Splunk reads from one event. */
const MAX_LIST = 500;

/** `mask` is the `secret` as it arrived; the redacted payload no longer has it. */
export function readSecret(
  payload: JsonObject,
  mask: Json | undefined,
  warnings: string[],
): SecretFinding | undefined {
  if (
    mask === undefined &&
    payload.rule_id === undefined &&
    payload.line_number === undefined &&
    payload.step_number === undefined
  ) {
    return undefined;
  }
  return orNothing({
    rule_id: text(payload.rule_id),
    line_number: integer(payload.line_number, 'line_number', warnings),
    step_number: integer(payload.step_number, 'step_number', warnings),
    masked_length: typeof mask === 'string' && mask !== '' ? mask.length : undefined,
  });
}

const POLICY_KEYS = [
  'actions_not_allowed',
  'actions_not_pinned',
  'harden_runner_jobs_not_protected',
  'harden_runner_jobs_misconfigured',
  'runs_on_labels_not_allowed',
  'compromised_actions_detected',
  'workflow_contains_secrets',
  'is_non_default_branch',
  'workflow_matches_default_ref',
  'current_branch_hash',
  'default_branch_hash',
];

export function readPolicy(
  payload: JsonObject,
  evaluated: Pick<Policy, 'status' | 'names'> | undefined,
  warnings: string[],
): Policy | undefined {
  if (evaluated === undefined && !POLICY_KEYS.some((key) => payload[key] !== undefined)) return undefined;
  const actions = capped(payload.actions_not_allowed, warnings);
  const unpinned = capped(payload.actions_not_pinned, warnings);
  const unprotected = capped(payload.harden_runner_jobs_not_protected, warnings);
  const misconfigured = capped(payload.harden_runner_jobs_misconfigured, warnings);
  const labels = capped(payload.runs_on_labels_not_allowed, warnings);
  const compromised = capped(payload.compromised_actions_detected, warnings);
  return orNothing({
    status: evaluated?.status,
    names: evaluated?.names,
    actions_not_allowed: actions,
    actions_not_pinned: unpinned,
    runs_on_labels_not_allowed: labels,
    compromised_actions_detected: compromised,
    harden_runner_jobs_not_protected: unprotected,
    harden_runner_jobs_misconfigured: misconfigured,
    workflow_contains_secrets: boolean(
      payload.workflow_contains_secrets,
      'workflow_contains_secrets',
      warnings,
    ),
    is_non_default_branch: boolean(payload.is_non_default_branch, 'is_non_default_branch', warnings),
    workflow_matches_default_ref: boolean(
      payload.workflow_matches_default_ref,
      'workflow_matches_default_ref',
      warnings,
    ),
    current_branch_hash: text(payload.current_branch_hash),
    default_branch_hash: text(payload.default_branch_hash),
    offenders: firstFive(actions ?? labels ?? compromised ?? together(unprotected, misconfigured)),
    unpinned: firstFive(unpinned),
  });
}

/** What the agent says about a connection that it checked against the vendor's list, or an organization's own. */
export function readBlockList(payload: JsonObject): BlockList | undefined {
  return isBlockListed(payload)
    ? { policy: text(payload.matched_policy), reason: text(payload.reason) }
    : undefined;
}

/** Whether `reason` is about a block list: elsewhere it can be about anything. */
export function isBlockListed(payload: JsonObject): boolean {
  return text(payload.matched_policy) !== undefined || isAttackBlocked(payload);
}

/** Both lists, each member once; undefined when there is neither. */
function together(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): readonly string[] | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return [...new Set([...one, ...other])];
}

export function readExpected(
  value: Json | undefined,
  warnings: string[],
): { connections: string[]; count: number } | undefined {
  const connections = list(value);
  if (connections === undefined) return undefined;
  return { connections: cap(connections, warnings), count: connections.length };
}

function capped(value: Json | undefined, warnings: string[]): string[] | undefined {
  const items = list(value);
  return items === undefined ? undefined : cap(items, warnings);
}

function cap(items: string[], warnings: string[]): string[] {
  if (items.length <= MAX_LIST) return items;
  warnings.push('list_capped');
  return items.slice(0, MAX_LIST);
}

/** Anything but objects cannot be indexed as such: it is kept with the unmapped members. */
export function failureOf({ failure_data: data }: JsonObject): JsonObject | JsonObject[] | undefined {
  if (isObject(data)) return data;
  return Array.isArray(data) && data.length > 0 && data.every(isObject) ? data : undefined;
}
