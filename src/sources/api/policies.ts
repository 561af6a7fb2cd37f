import { isObject } from '../../contracts/json.ts';
import type { Json, JsonObject } from '../../contracts/types.ts';
import { POLICY_STATUS } from '../../detections/policies.ts';
import { digest, type Row, text } from './row.ts';

/** A policy of an evaluation, the kind it becomes, and the fields of a result that belong to it. */
interface Policy {
  readonly kind: keyof typeof POLICY_STATUS;
  readonly name: string;
  /** Lists of the payload, and their possible spellings in a result. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly facts: readonly string[];
}

const POLICIES: readonly Policy[] = [
  {
    kind: 'Actions-Policy-Blocked',
    name: 'Actions Policy Blocked',
    lists: { actions_not_allowed: ['actions_not_allowed'], actions_not_pinned: ['actions_not_pinned'] },
    facts: [],
  },
  {
    kind: 'Runs-On-Policy-Blocked',
    name: 'Runs-On Policy Blocked',
    // Two spellings are in use: the OpenAPI file's and the Terraform provider's.
    lists: { runs_on_labels_not_allowed: ['runs_on_labels_not_allowed', 'runner_labels_not_allowed'] },
    facts: [],
  },
  {
    kind: 'Secrets-Policy-Blocked',
    name: 'Secrets Policy Blocked',
    lists: {},
    facts: [
      'workflow_contains_secrets',
      'is_non_default_branch',
      'workflow_matches_default_ref',
      'current_branch_hash',
      'default_branch_hash',
    ],
  },
  {
    kind: 'Compromised-Actions-Policy-Blocked',
    name: 'Compromised Actions Policy Blocked',
    lists: { compromised_actions_detected: ['compromised_actions_detected'] },
    facts: [],
  },
  {
    // Newer than the four whose payload the vendor publishes.
    kind: 'Harden-Runner-Policy-Blocked',
    name: 'Harden-Runner Policy Blocked',
    lists: {
      harden_runner_jobs_not_protected: ['harden_runner_jobs_not_protected'],
      harden_runner_jobs_misconfigured: ['harden_runner_jobs_misconfigured'],
    },
    facts: [],
  },
];

/** An evaluation whose status says blocked although none of its policies does: the run was stopped anyway. */
const UNNAMED = { kind: 'Workflow-Run-Policy-Blocked', name: 'Workflow Run Policy Blocked' };

const OUTCOMES = ['Blocked', 'DryRunBlocked'] as const;

/**
 * The rows of one policy evaluation, in the payload shape that the export uses for policy kinds: one per kind and run,
 * however many policies blocked it, and one more for those that were dry runs. A policy that only failed a dry run is
 * not a reason for the block, and must not get lost in it. Under our key, `policy` says what the export does not:
 * whether it was a dry run, and the names of the policies; `run` says what the evaluation knows about the run.
 */
export function evaluationRows(raw: unknown, overall: string, owner: string): Row[] {
  if (!isObject(raw)) {
    const body: JsonObject = { id: UNNAMED.kind, owner, value: raw as Json };
    return [{ key: digest(8, ['?', raw as Json]), occurrence: digest(6, []), status: 'new', body, ours: {} }];
  }
  const results = Array.isArray(raw.policy_results) ? raw.policy_results.filter(isObject) : [];
  const rows: Row[] = [];
  for (const policy of POLICIES) {
    const status = POLICY_STATUS[policy.kind];
    for (const outcome of OUTCOMES) {
      const hits = results.filter((result) => result[status] === outcome);
      if (hits.length > 0) rows.push(rowOf(raw, owner, policy, outcome, hits, fieldsOf(policy, hits)));
    }
  }
  return rows.length > 0 ? rows : [rowOf(raw, owner, UNNAMED, overall, results, {})];
}

/** What the results say that belongs to the policy. */
function fieldsOf(policy: Policy, hits: readonly JsonObject[]): JsonObject {
  const fields: JsonObject = {};
  for (const [list, spellings] of Object.entries(policy.lists)) {
    const values = hits.flatMap((hit) => spellings.flatMap((spelling) => listOf(hit[spelling])));
    if (values.length > 0) fields[list] = [...new Set(values)];
  }
  for (const fact of policy.facts) {
    const value = hits.map((hit) => hit[fact]).find((found) => found !== undefined && found !== null);
    if (value !== undefined) fields[fact] = value;
  }
  return fields;
}

function rowOf(
  raw: JsonObject,
  asked: string,
  { kind, name }: { kind: string; name: string },
  status: string,
  hits: readonly JsonObject[],
  fields: JsonObject,
): Row {
  const owner = text(raw.owner) || asked;
  const full = text(raw.repo_full_name);
  const runId = text(raw.run_id);
  const started = text(raw.workflow_run_started_at);
  const body: JsonObject = { id: kind, name, owner, repo: full.slice(full.lastIndexOf('/') + 1) };
  if (full.includes('/')) body.owner_repo = full;
  body.workflow_path = text(raw.workflow_file_path);
  body.run_id = runId;
  body.timestamp = started;
  // A dry run has a uid of its own, whether or not the same run is also blocked, so a later block is still sent.
  const outcome = kind !== UNNAMED.kind && status === 'DryRunBlocked' ? `${kind}-${status}` : kind;
  body.detection = `${outcome}-${runId}`;
  body.id_timestamp = `${kind}-${started}`;
  const names = hits.map((hit) => (isObject(hit.policy) ? text(hit.policy.name) : '')).filter(Boolean);
  return {
    key: digest(8, ['evaluation', owner, full, runId, outcome]),
    occurrence: digest(6, [runId, started]),
    status: 'new',
    body: { ...body, ...fields },
    ours: {
      policy: { status, names: [...new Set(names)] },
      run: present({
        branch: raw.head_branch,
        event: raw.event,
        committer: raw.committer,
        workflow: raw.workflow_name,
      }),
    },
  };
}

function listOf(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.map(text).filter(Boolean);
  return [text(value)].filter(Boolean);
}

/** The non-empty ones. */
function present(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).flatMap(([k, v]) => (text(v) ? [[k, text(v)]] : [])));
}
