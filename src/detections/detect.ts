import { setMember } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { holdsText } from '../records/shallow-json.ts';
import type { Redactor } from '../redaction/redactor.ts';
import { parseTime, toIso } from '../text/time.ts';
import { isEnforced } from './acting.ts';
import { appLinkOf } from './app-link.ts';
import { threatOf } from './attack.ts';
import { attackOf } from './attack-by-payload.ts';
import { readCheck, readUpgrade } from './check.ts';
import { clean } from './clean.ts';
import { derive, withoutSecrets } from './derived.ts';
import type { Detection, KindProfile } from './detection.ts';
import { eventOf } from './event.ts';
import { exfiltrationOf } from './exfiltration.ts';
import { readFile } from './file.ts';
import { findingsOf } from './findings.ts';
import { fingerprintOf } from './fingerprint.ts';
import { fitFlattened } from './flattened.ts';
import { type Identity, uidOf } from './identity.ts';
import { readImposter } from './imposter.ts';
import { isLockdown } from './lockdown.ts';
import { nameOf, otherNameOf, rehearsalName } from './name.ts';
import { readChange, readPolicyOutcome, readRun } from './ours.ts';
import { isAttackBlocked, isDropped, outcomeOf, REHEARSED } from './outcome.ts';
import { readOwner } from './owner.ts';
import { partiesOf } from './parties.ts';
import { statusMemberOf } from './policies.ts';
import { toProcess } from './process.ts';
import { failureOf, readBlockList, readExpected, readPolicy, readSecret } from './readers.ts';
import { ownerNameOf, readRepo } from './repo.ts';
import { mergeFacts, type RunDetails, workerFor } from './run-details.ts';
import { attemptOf, changeIdOf, jobUrlOf, runUrlOf } from './run-link.ts';
import { type Runs, runKey } from './runs.ts';
import { boolean, integer, text } from './scalars.ts';
import { secretPlace } from './secret-place.ts';
import { type Severity, severityOf } from './severity.ts';
import { NOTHING_CUT, shortTexts } from './short-texts.ts';
import { peopleOf, readState } from './state.ts';
import { stateChangeOf } from './state-change.ts';
import { type Subject, subjectOf } from './subject.ts';
import { hashesOf, readTool } from './tool.ts';
import { isRead, unmappedOf } from './unmapped.ts';
import { customerOf } from './vendor-keys.ts';
import { webAddress } from './web-address.ts';

export interface DetectOptions {
  readonly identity: Identity;
  /** The operator's severities by kind. */
  readonly severity: Readonly<Record<string, Severity>>;
  /** Whether to derive a reverse shell's far end from its arguments. */
  readonly deriveDestination: boolean;
  /** What is known of runs. */
  readonly runs?: Runs;
  readonly redactor: Redactor;
}

/** The profile and the id that a payload is read with. */
export interface Kind {
  readonly profile: KindProfile;
  readonly id: string;
  /** The kind has no mapping. */
  readonly unknown: boolean;
}

/** What is known about a payload before it is read. */
export interface Nature {
  /** Its text may contain a secret: documents are written from a redacted copy. */
  readonly suspect: boolean;
  /** It comes from our own API source, whose additions are trusted; in a bucket, anyone could have written them. */
  readonly ours: boolean;
  /** Where it was read. */
  readonly origin: string;
  /** Its text is nested deeply enough that some parts may have been kept as text instead of parsed. */
  readonly deep: boolean;
  /** Its text is long enough to contain a value that fields would truncate. */
  readonly long: boolean;
  /** Its text is long or nested enough that Elasticsearch's `flattened` type might refuse it. */
  readonly bulky: boolean;
}

/** Reads and cleans one payload. Never throws: whatever cannot be read is left out and named in `warnings`. */
export function detect(
  original: JsonObject,
  kind: Kind,
  { suspect, ours: believed, origin, deep, long, bulky }: Nature,
  receivedMs: number,
  options: DetectOptions,
): Detection {
  const { profile, id } = kind;
  const warnings: string[] = [];
  if (kind.unknown) warnings.push('unknown_type');
  if (deep && holdsText(original)) warnings.push('deep_as_text');
  const { payload: whole, ours, masks } = clean(original, suspect ? options.redactor : undefined, believed);
  const shortened = (one: JsonObject) =>
    shortTexts(one, (key) => isRead(key) || profile.reads?.has(key) === true);
  const { payload, cut } = long ? shortened(whole) : { payload: whole, cut: NOTHING_CUT };
  // Facts that a mask may hide are read from this one; nothing from it is written unmasked.
  const unredacted = masks === undefined ? payload : long ? shortened(original).payload : original;
  if (cut.size > 0) warnings.push('long_text_cut');
  const repo = readRepo(payload);
  const owner = readOwner(ownerNameOf(payload, repo));
  const runUrl = runUrlOf(repo.url, payload.run_id);
  const change = readChange(ours?.change);
  const subject = subjectOf(original);
  const parsed =
    parseTime(payload.timestamp, receivedMs) ?? parseTime(payload.incident_start_time, receivedMs);
  if (parsed === undefined) warnings.push('bad_timestamp');
  const time = parsed ?? receivedMs;

  const tool = readTool(payload.tool);
  const processes = long ? original.process_events : undefined;
  const reading = { destination: options.deriveDestination, tool, processes };
  const written = derive(payload, id, reading, warnings);
  const seen = masks === undefined ? written : derive(unredacted, id, reading, []);
  const { events, acting, endpoint, http, target, filePath, container, platform } =
    masks === undefined ? written : withoutSecrets(written, seen, (value) => options.redactor.text(value));
  const lockdown = isLockdown(profile.kind, id, payload, warnings);
  const statusMember = statusMemberOf(profile, id);
  const ownStatus = statusMember === undefined ? undefined : text(payload[statusMember]);
  const evaluated = readPolicyOutcome(ours?.policy, ownStatus);
  const evidence = { lockdown, enforced: isEnforced(events), status: evaluated?.status };
  const outcome = outcomeOf(profile, id, payload, evidence, warnings);
  const suppressed = boolean(payload.is_suppressed, 'is_suppressed', warnings);
  const resolved = boolean(payload.is_resolved, 'is_resolved', warnings);
  const state = readState(payload);

  const imposter = readImposter(payload, profile.kind, repo.url !== undefined, warnings);
  const known = knownRun(options.runs, subject, payload);
  const run = mergeFacts(readRun(ours?.run), known?.facts);
  const worker = known && workerFor(known, payload);
  const secret = readSecret(payload, original.secret, warnings);
  const called = nameOf(payload, profile, id);
  const name = outcome.dry_run ? rehearsalName(called) : called;
  const vendorId = otherThan(id, ours?.row_id ?? payload.id);
  const jobName = text(payload.job) ?? text(payload.job_name);
  const workflowPath = text(payload.workflow_path);
  const link =
    webAddress(payload.html_url) ??
    webAddress(payload.incident_url) ??
    webAddress(payload.checks_url) ??
    (believed ? appLinkOf(payload) : undefined);
  const check = profile.dataset === 'pr_check' ? readCheck(payload, link) : undefined;
  const failure = check === undefined ? undefined : failureOf(whole);
  const taken = failure ? 'failure_data' : isDropped(profile, payload) ? 'status' : ownStatus && statusMember;
  const rest = withWhole(unmappedOf(whole, profile.reads, parsed === undefined, warnings, taken), whole, cut);
  const failureData = bulky ? fitFlattened(failure, warnings) : failure;
  const unmapped = bulky ? fitFlattened(rest, warnings) : rest;

  const finding: Detection = {
    uid: uidOf(original, options.identity, subject),
    profile,
    id,
    name,
    vendor_id: vendorId,
    vendor_name: otherNameOf(payload, profile, [name, profile.title, id, vendorId]),
    fingerprint: fingerprintOf(original, subject),
    event_id: text(payload.event_id),
    parent_id: text(payload.parent_id),
    origin,
    message: `StepSecurity: ${name}`,
    time,
    time_seconds: time / 1_000,
    time_is_receipt: parsed === undefined,
    time_iso: toIso(time),
    received_iso: toIso(receivedMs),
    owner: owner.raw,
    organization: owner.organization,
    customer: text(payload.customer) ?? customerOf(payload) ?? owner.tenant,
    repo,
    workflow_path: workflowPath,
    workflow_id: text(payload.workflow_id),
    run_id: text(payload.run_id),
    run_attempt: integer(payload.run_attempt, 'run_attempt', warnings) ?? attemptOf(payload.html_url),
    run_url: runUrl,
    job_url: jobUrlOf(runUrl, payload.job_id),
    change_id: changeIdOf(payload.pr_url),
    job_name: jobName,
    job_id: text(payload.job_id),
    detection: text(payload.detection),
    link,
    event: eventOf(profile, id, {
      action: outcome.action,
      dryRun: outcome.dry_run,
      quiet: suppressed === true || resolved === true,
      result: check?.result,
      facts: { endpoint, process: acting, file: filePath },
    }),
    action: outcome.action,
    verdict: outcome.verdict,
    stopped_by: outcome.stopped_by,
    dry_run: outcome.dry_run,
    lockdown,
    suppressed,
    resolved,
    state,
    stated_severity: text(payload.severity),
    severity: severityOf(
      {
        kind: profile.kind,
        names: [vendorId, id],
        payload: unredacted,
        normal: profile.severity,
        stopped: outcome.stopped_by !== undefined,
        attackBlocked: isAttackBlocked(payload),
      },
      options.severity,
    ),
    threat: threatOf(
      attackOf(profile, {
        payload: unredacted,
        endpoint: seen.endpoint,
        exfiltration: exfiltrationOf(seen.http, seen.target, owner.organization),
        platform,
        acting: seen.acting,
      }),
    ),
    endpoint,
    direct_ip: text(payload.direct_ip_address),
    direction: endpoint === undefined ? undefined : 'egress',
    parties: partiesOf(repo.full, endpoint, worker?.host),
    http,
    target,
    platform,
    process: acting === undefined ? undefined : toProcess(acting.event),
    process_events: events,
    container,
    file: filePath === undefined ? undefined : readFile(filePath),
    imposter,
    tool,
    secret,
    secret_place: secret === undefined ? undefined : secretPlace(workflowPath, jobName, secret),
    policy: readPolicy(
      payload,
      outcome.dry_run ? { ...NO_NAMES, ...evaluated, status: REHEARSED } : evaluated,
      warnings,
    ),
    block_list: readBlockList(payload),
    expected: readExpected(payload.expected_outbound_connections, warnings),
    run,
    worker,
    related: {
      hosts: hostsOf(endpoint?.domain, http?.domain, worker?.host),
      ip: endpoint?.ip === undefined ? NONE : [endpoint.ip],
      hash: imposter === undefined && tool === undefined ? NONE : present(imposter?.sha, ...hashesOf(tool)),
      user: peopleOf(run?.actor, state),
    },
    change: undefined,
    masks,
    warnings: warnings.length < 2 ? warnings : [...new Set(warnings)],
    check,
    upgrade: readUpgrade(payload),
    failure_data: failureData,
    findings: check === undefined ? undefined : findingsOf(original),
    unmapped,
    payload: whole,
  };
  return change === undefined ? finding : stateChangeOf(finding, change, receivedMs);
}

const NONE: readonly string[] = [];
const NO_NAMES = { names: undefined };

/** Adds to the unmapped members those that fields hold only the beginning of. */
function withWhole(
  unmapped: JsonObject | undefined,
  payload: JsonObject,
  cut: ReadonlySet<string>,
): JsonObject | undefined {
  if (cut.size === 0 || unmapped === payload) return unmapped;
  const rest = { ...unmapped };
  for (const key of cut) setMember(rest, key, payload[key] ?? null);
  return rest;
}

function otherThan(known: string, value: Json | undefined): string | undefined {
  const own = text(value);
  return own === known ? undefined : own;
}

/** A request may name a different host than the connection did, and that one may be an address. */
function hostsOf(
  connected: string | undefined,
  asked: string | undefined,
  machine: string | undefined,
): readonly string[] {
  const named = asked === connected || asked === undefined || !/[a-z]$/.test(asked) ? undefined : asked;
  return present(connected, named, machine);
}

/** Not part of a detection's identity: knowing the run changes neither uid nor fingerprint. */
function knownRun(
  runs: Runs | undefined,
  { owner, repo }: Subject,
  payload: JsonObject,
): RunDetails | undefined {
  if (runs === undefined || runs.isEmpty()) return undefined;
  const key = runKey(owner, repo, text(payload.run_id));
  return key === undefined ? undefined : runs.find(key);
}

function present(...values: readonly (string | undefined)[]): readonly string[] {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? NONE : known;
}
