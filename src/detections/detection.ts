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

/** The state change that makes a record an event of its own (API source). */
export interface Change {
  readonly from: string;
  readonly to: string;
  readonly counter: number;
  /** Uid of the detection whose state changed, and how severe that is. */
  readonly uid: string;
  readonly severity: Severity;
  /** Who changed it, why, and the rule that did: as far as the row says. */
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

/** What a kind's mapping says of it beyond the fields; decode needs it to grade and to categorise. */
export interface KindProfile {
  /** The id verbatim, e.g. `Reverse-Shell`; `_unknown` for kinds nobody has seen. */
  readonly kind: string;
  readonly title: string;
  readonly dataset: 'detection' | 'threat_intel' | 'pr_check';
  /** `rule.category`. */
  readonly group: string;
  readonly eventKind: 'alert' | 'enrichment';
  readonly category: readonly string[];
  readonly type: readonly string[];
  /** What became of the act by the word of the kind itself. */
  readonly action: Action | undefined;
  readonly severity: Severity;
  readonly threat: readonly AttackRef[];
  /** What the kind's own rules read of the payload, beside what `detect` reads for all kinds; null: nothing counts as read. */
  readonly reads: Reads | null;
}

/**
 * A decoded record, cleaned and redacted: what mappings read by `$path`. Names are snake_case because mappings are
 * written in them. An absent fact is undefined, never null or empty.
 */
export interface Detection {
  readonly uid: string;
  readonly profile: KindProfile;
  /** The kind's id; of one nobody has seen the payload's `id` (its `type` where the kind goes by that). */
  readonly id: string;
  readonly name: string;
  /** The payload's own `id`, where the detection goes by another name. */
  readonly vendor_id: string | undefined;
  /** What shows whether another payload with this uid is the same detection; absent where only redacted text is left. */
  readonly fingerprint: string | undefined;
  /** As it arrived: also where it identifies nothing. */
  readonly event_id: string | undefined;
  /** The payload's own name, where that says something else than the detection's. */
  readonly vendor_name: string | undefined;
  /** The group the detection came in. */
  readonly parent_id: string | undefined;
  /** Where the record was read, e.g. `s3://bucket/key`. */
  readonly origin: string;
  /** The alert's name in Elastic's rules: few values, all beginning with `StepSecurity: `. */
  readonly message: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Epoch seconds, with the milliseconds as a fraction. */
  readonly time_seconds: number;
  readonly time_is_receipt: boolean;
  readonly time_iso: string;
  readonly received_iso: string;
  readonly owner: string | undefined;
  /** The owner, of a GitHub Enterprise Server without its tenant. */
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
  /** Absent where neither the kind nor the payload says so. */
  readonly action: Action | undefined;
  /** For a sentence: what became of a run that a policy blocks, or would block. */
  readonly verdict: 'was stopped' | 'would have been stopped' | undefined;
  /** For a sentence: what stopped an act that its kind does not call stopped. */
  readonly stopped_by: 'lockdown' | 'the agent' | 'the global block list' | undefined;
  /** A policy that was only tried out: the run went on. */
  readonly dry_run: boolean;
  readonly lockdown: boolean | undefined;
  readonly suppressed: boolean | undefined;
  readonly resolved: boolean | undefined;
  readonly state: State | undefined;
  readonly severity: Graded;
  /** The payload's own word for it. */
  readonly stated_severity: string | undefined;
  readonly threat: Threat | undefined;
  readonly endpoint: Endpoint | undefined;
  /** `direct_ip_address` as it arrived; the endpoint has it only where it is a destination. */
  readonly direct_ip: string | undefined;
  /** The agent watches what leaves the runner: every endpoint is on the far side. */
  readonly direction: 'egress' | undefined;
  readonly parties: Parties;
  readonly http: HttpRequest | undefined;
  /** Whose repository the request is about. */
  readonly target: Target | undefined;
  /** What the runner runs on, as far as the payload shows it. */
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
  /** From the run's own document, where that came by or was asked for. */
  readonly run: RunFacts | undefined;
  /** What ran the job; from the same document. */
  readonly worker: Worker | undefined;
  readonly related: {
    readonly hosts: readonly string[];
    readonly ip: readonly string[];
    readonly hash: readonly string[];
    readonly user: readonly string[];
  };
  readonly change: Change | undefined;
  /** How often each rule of redaction masked something in the payload; absent where nothing was masked. */
  readonly masks: ReadonlyMap<string, number> | undefined;
  readonly warnings: readonly string[];
  /** Payload members that nothing reads: kept, and named in the ledger. */
  readonly unmapped: JsonObject | undefined;
  readonly check: Check | undefined;
  readonly upgrade: Upgrade | undefined;
  /** What a failed check of a pull request found, in the check's own words. */
  readonly failure_data: JsonObject | JsonObject[] | undefined;
  /** The fingerprints of the detections among it. */
  readonly findings: readonly string[] | undefined;
  /** Everything that arrived, redacted, without the masked `secret` and what our own API source added. */
  readonly payload: JsonObject;
}

export interface SecretFinding {
  readonly rule_id: string | undefined;
  readonly line_number: number | undefined;
  readonly step_number: number | undefined;
  /** Length of the mask; the mask itself is never forwarded: its first and last characters are real. */
  readonly masked_length: number | undefined;
}

/** A list of far ends that the agent lets nobody reach. */
export interface BlockList {
  /** Which list. */
  readonly policy: string | undefined;
  /** Why the far end is on it. */
  readonly reason: string | undefined;
}

export interface Policy {
  /** As the evaluation says: `Blocked`; `DryRunBlocked` of every dry run. */
  readonly status: string | undefined;
  /** The operator's own names of the policies that were not met. */
  readonly names: readonly string[] | undefined;
  readonly actions_not_allowed: readonly string[] | undefined;
  readonly actions_not_pinned: readonly string[] | undefined;
  readonly runs_on_labels_not_allowed: readonly string[] | undefined;
  readonly compromised_actions_detected: readonly string[] | undefined;
  /** Jobs without Harden-Runner, and those where another step comes before it. */
  readonly harden_runner_jobs_not_protected: readonly string[] | undefined;
  readonly harden_runner_jobs_misconfigured: readonly string[] | undefined;
  readonly workflow_contains_secrets: boolean | undefined;
  readonly is_non_default_branch: boolean | undefined;
  readonly workflow_matches_default_ref: boolean | undefined;
  readonly current_branch_hash: string | undefined;
  readonly default_branch_hash: string | undefined;
  /** The first five offenders, for a sentence. */
  readonly offenders: string | undefined;
  /** The first five actions that should have been pinned, likewise. */
  readonly unpinned: string | undefined;
}
