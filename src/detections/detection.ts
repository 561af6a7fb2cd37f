import type { JsonObject } from '../contracts/types.ts';
import type { AttackRef, Threat } from './attack.ts';
import type { Check, Upgrade } from './check.ts';
import type { Container } from './container.ts';
import type { Endpoint } from './endpoint.ts';
import type { FileRef } from './file.ts';
import type { HttpRequest } from './http.ts';
import type { Imposter } from './imposter.ts';
import type { Parties } from './parties.ts';
import type { Platform } from './platform.ts';
import type { Process, ProcessEvent } from './process.ts';
import type { Reads } from './reads.ts';
import type { Repo } from './repo.ts';
import type { RunFacts, Worker } from './run-details.ts';
import type { Graded, Severity } from './severity.ts';
import type { Target } from './target.ts';
import type { Tool } from './tool.ts';

/** The state change that makes a record a separate event (API source). */
export interface Change {
  readonly from: string;
  readonly to: string;
  readonly counter: number;
  /** Uid of the detection whose state changed, and its severity. */
  readonly uid: string;
  readonly severity: Severity;
  /** Who changed it, why, and by which rule, if the row says so. */
  readonly by: string | undefined;
  readonly reason: string | undefined;
  readonly rule_id: string | undefined;
}

/** Who suppressed or resolved a detection, and why. */
export interface State {
  readonly suppressed_by: string | undefined;
  readonly suppress_reason: string | undefined;
  readonly suppress_rule_id: string | undefined;
  readonly resolved_by: string | undefined;
  readonly resolved_reason: string | undefined;
}

/** Whether the act was stopped or let through. */
type Action = 'blocked' | 'allowed';

/** What a kind's mapping says beyond its fields; decode needs it for severity and category. */
export interface KindProfile {
  /** The id verbatim, e.g. `Reverse-Shell`; `_unknown` for kinds without a mapping. */
  readonly kind: string;
  readonly title: string;
  readonly dataset: 'detection' | 'threat_intel' | 'pr_check';
  /** `rule.category`. */
  readonly group: string;
  readonly eventKind: 'alert' | 'enrichment';
  readonly category: readonly string[];
  readonly type: readonly string[];
  /** The outcome that the kind itself implies. */
  readonly action: Action | undefined;
  readonly severity: Severity;
  readonly threat: readonly AttackRef[];
  /**
   * What the kind's own rules read from the payload, in addition to what `detect` reads for all kinds; null:
   * nothing counts as read.
   */
  readonly reads: Reads | null;
}

/**
 * A decoded record, cleaned and redacted: the facts that mappings read by `$path`. Names are snake_case because
 * mappings use them. An absent fact is undefined, never null or empty.
 */
export interface Detection {
  readonly uid: string;
  readonly profile: KindProfile;
  /** The kind's id; for an unknown kind, the payload's `id` (or its `type`, if the kind is named by that). */
  readonly id: string;
  readonly name: string;
  /** The payload's own `id`, if the detection goes under another name. */
  readonly vendor_id: string | undefined;
  /** Shows whether another payload with this uid is the same detection; absent if only redacted text is left. */
  readonly fingerprint: string | undefined;
  /** As it arrived, even if it identifies nothing. */
  readonly event_id: string | undefined;
  /** The payload's own name, if it differs from the detection's. */
  readonly vendor_name: string | undefined;
  /** The group that the detection arrived in. */
  readonly parent_id: string | undefined;
  /** Where the record was read, e.g. `s3://bucket/key`. */
  readonly origin: string;
  /** The alert's name in Elastic's rules: few values, all starting with `StepSecurity: `. */
  readonly message: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Epoch seconds, with the milliseconds as a fraction. */
  readonly time_seconds: number;
  readonly time_is_receipt: boolean;
  readonly time_iso: string;
  readonly received_iso: string;
  readonly owner: string | undefined;
  /** The owner; for a GitHub Enterprise Server, without its tenant. */
  readonly organization: string | undefined;
  /** The tenant: groups owners. */
  readonly customer: string | undefined;
  readonly repo: Repo;
  readonly workflow_path: string | undefined;
  readonly workflow_id: string | undefined;
  readonly run_id: string | undefined;
  readonly run_attempt: number | undefined;
  readonly run_url: string | undefined;
  readonly job_url: string | undefined;
  /** The number of the pull request. */
  readonly change_id: string | undefined;
  readonly job_name: string | undefined;
  readonly job_id: string | undefined;
  readonly detection: string | undefined;
  /** The investigation link. */
  readonly link: string | undefined;
  readonly event: {
    readonly kind: string;
    readonly action: string;
    readonly category: readonly string[];
    readonly type: readonly string[];
    readonly outcome: 'success' | undefined;
  };
  /** Absent if neither the kind nor the payload says. */
  readonly action: Action | undefined;
  /** For a sentence: what happened to a run that a policy blocks, or would block. */
  readonly verdict: 'was stopped' | 'would have been stopped' | undefined;
  /** For a sentence: what stopped an act whose kind does not itself say that it was stopped. */
  readonly stopped_by: 'lockdown' | 'the agent' | 'the global block list' | undefined;
  /** The policy was only a dry run: the run went on. */
  readonly dry_run: boolean;
  readonly lockdown: boolean | undefined;
  readonly suppressed: boolean | undefined;
  readonly resolved: boolean | undefined;
  readonly state: State | undefined;
  readonly severity: Graded;
  /** The payload's own severity. */
  readonly stated_severity: string | undefined;
  readonly threat: Threat | undefined;
  readonly endpoint: Endpoint | undefined;
  /** `direct_ip_address` as it arrived; the endpoint has it only if it is a destination. */
  readonly direct_ip: string | undefined;
  /** The agent watches traffic that leaves the runner: every endpoint is on the far side. */
  readonly direction: 'egress' | undefined;
  readonly parties: Parties;
  readonly http: HttpRequest | undefined;
  /** The owner and repository that the request is about. */
  readonly target: Target | undefined;
  /** The runner's platform, if the payload shows it. */
  readonly platform: Platform | undefined;
  readonly process: Process | undefined;
  readonly process_events: readonly ProcessEvent[] | undefined;
  readonly container: Container | undefined;
  readonly file: FileRef | undefined;
  readonly imposter: Imposter | undefined;
  readonly tool: Tool | undefined;
  readonly secret: SecretFinding | undefined;
  readonly secret_place: string | undefined;
  readonly policy: Policy | undefined;
  readonly block_list: BlockList | undefined;
  readonly expected: { readonly connections: readonly string[]; readonly count: number } | undefined;
  /** From the run's own document, if it was read or requested. */
  readonly run: RunFacts | undefined;
  /** The machine that ran the job; from the same document. */
  readonly worker: Worker | undefined;
  readonly related: {
    readonly hosts: readonly string[];
    readonly ip: readonly string[];
    readonly hash: readonly string[];
    readonly user: readonly string[];
  };
  readonly change: Change | undefined;
  /** How often each redaction rule masked something in the payload; absent if nothing was masked. */
  readonly masks: ReadonlyMap<string, number> | undefined;
  readonly warnings: readonly string[];
  /** Payload members that no field holds: kept, and named in the ledger. */
  readonly unmapped: JsonObject | undefined;
  readonly check: Check | undefined;
  readonly upgrade: Upgrade | undefined;
  /** What a failed check of a pull request found, in the check's own words. */
  readonly failure_data: JsonObject | JsonObject[] | undefined;
  /** The fingerprints of the detections listed in it. */
  readonly findings: readonly string[] | undefined;
  /** Everything that arrived, redacted, without the masked `secret` and our own API source's additions. */
  readonly payload: JsonObject;
}

export interface SecretFinding {
  readonly rule_id: string | undefined;
  readonly line_number: number | undefined;
  readonly step_number: number | undefined;
  /** Length of the mask. The mask itself is never forwarded: its first and last characters are real. */
  readonly masked_length: number | undefined;
}

/** A list of far ends that the agent always blocks. */
export interface BlockList {
  /** Which list. */
  readonly policy: string | undefined;
  /** Why the far end is on it. */
  readonly reason: string | undefined;
}

export interface Policy {
  /** As the evaluation says: `Blocked`, or `DryRunBlocked` for every dry run. */
  readonly status: string | undefined;
  /** The operator's own names of the policies that were violated. */
  readonly names: readonly string[] | undefined;
  readonly actions_not_allowed: readonly string[] | undefined;
  readonly actions_not_pinned: readonly string[] | undefined;
  readonly runs_on_labels_not_allowed: readonly string[] | undefined;
  readonly compromised_actions_detected: readonly string[] | undefined;
  /** Jobs without Harden-Runner, and jobs in which another step comes before it. */
  readonly harden_runner_jobs_not_protected: readonly string[] | undefined;
  readonly harden_runner_jobs_misconfigured: readonly string[] | undefined;
  readonly workflow_contains_secrets: boolean | undefined;
  readonly is_non_default_branch: boolean | undefined;
  readonly workflow_matches_default_ref: boolean | undefined;
  readonly current_branch_hash: string | undefined;
  readonly default_branch_hash: string | undefined;
  /** The first five offenders, for a sentence. */
  readonly offenders: string | undefined;
  /** The first five actions that should have been pinned, for a sentence. */
  readonly unpinned: string | undefined;
}
