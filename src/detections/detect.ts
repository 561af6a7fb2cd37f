import type { Json, JsonObject } from '../types.ts';
import { threatOf } from './attack.ts';
import { attackOf } from './attack-by-payload.ts';
import { readContainer } from './container.ts';
import type { Change, Detection, KindProfile } from './detection.ts';
import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { eventOf } from './event.ts';
import { readFile } from './file.ts';
import { readHttp } from './http.ts';
import { changeUid, type Identity, uidOf } from './identity.ts';
import { type ProcessEvent, readProcessEvents, toProcess } from './process.ts';
import { readExpected, readImposter, readPolicy, readSecret, readTool } from './readers.ts';
import { redactObject } from './redact.ts';
import { readRepo } from './repo.ts';
import { reverseShellEndpoint } from './reverse-shell.ts';
import { boolean, integer, isObject, text } from './scalars.ts';
import { type Severity, severityOf } from './severity.ts';
import { parseTime, toIso } from './time.ts';
import { unmappedOf } from './unmapped.ts';

export interface DetectOptions {
  readonly identity: Identity;
  /** The operator's severities by kind. */
  readonly severity: Readonly<Record<string, Severity>>;
  /** Read a reverse shell's far end out of its arguments. */
  readonly deriveDestination: boolean;
}

/**
 * One payload, read and cleaned. `suspect` says whether its text may hold a secret; then everything but the uid comes
 * from a redacted copy. Never throws: what cannot be read is absent and named in `warnings`.
 */
export function detect(
  original: JsonObject,
  kind: { readonly profile: KindProfile; readonly id: string; readonly unknown: boolean },
  suspect: boolean,
  receivedMs: number,
  options: DetectOptions,
): Detection {
  const { profile, id } = kind;
  const warnings: string[] = kind.unknown ? ['unknown_type'] : [];
  const ours = isObject(original.stepsecurity_siem) ? original.stepsecurity_siem : undefined;
  const payload = clean(original, suspect);
  const repo = readRepo(payload);
  const change = readChange(ours?.change);
  const baseUid = uidOf(
    profile.kind,
    original,
    suspect ? readRepo(original).full : repo.full,
    options.identity,
  );
  const parsed =
    parseTime(payload.timestamp, receivedMs) ?? parseTime(payload.incident_start_time, receivedMs);
  if (parsed === undefined) warnings.push('bad_timestamp');
  const time = parsed ?? receivedMs;

  const events = readProcessEvents(payload.process_events, warnings);
  const first = events?.[0];
  const lockdown = boolean(payload.is_lockdown, 'is_lockdown', warnings);
  const stopped = lockdown === true || (events?.some((event) => event.enforced_protection === true) ?? false);
  const blocked = profile.blocked || stopped;
  const suppressed = boolean(payload.is_suppressed, 'is_suppressed', warnings);
  const resolved = boolean(payload.is_resolved, 'is_resolved', warnings);

  const isHttp = typeof payload.host === 'string' && payload.host !== '';
  const endpoint = readEndpoint(payload, profile.kind, first, options, warnings);
  const filePath = isHttp ? undefined : (text(payload.path) ?? first?.target?.file ?? text(payload.file));
  const imposter = readImposter(payload.imposter_commit, warnings);
  const tool = readTool(payload.tool);
  const run = readRun(ours?.run);

  return {
    uid: change === undefined ? baseUid : changeUid(baseUid, change.from, change.to, change.counter),
    profile,
    id,
    name: text(payload.name) ?? text(payload.title) ?? text(payload.check_name) ?? profile.title,
    time,
    time_is_receipt: parsed === undefined,
    time_iso: toIso(time),
    received_iso: toIso(receivedMs),
    owner: text(payload.owner),
    repo,
    provider: providerOf(payload.html_url),
    workflow_path: text(payload.workflow_path),
    workflow_id: text(payload.workflow_id),
    run_id: text(payload.run_id),
    run_attempt: integer(payload.run_attempt, 'run_attempt', warnings) ?? attemptOf(payload.html_url),
    run_url:
      repo.url === undefined || !isId(payload.run_id)
        ? undefined
        : `${repo.url}/actions/runs/${text(payload.run_id)}`,
    job_name: text(payload.job) ?? text(payload.job_name),
    job_id: text(payload.job_id),
    detection: text(payload.detection),
    link: text(payload.html_url) ?? text(payload.incident_url) ?? text(payload.checks_url),
    event: eventOf(profile, id, {
      blocked,
      stopped,
      quiet: suppressed === true || resolved === true,
      change,
    }),
    action: blocked ? 'blocked' : 'allowed',
    lockdown,
    suppressed,
    resolved,
    severity: severityOf(
      profile.kind,
      payload,
      profile.severity,
      stopped && !profile.blocked,
      options.severity,
    ),
    threat: threatOf(attackOf(profile, payload, endpoint)),
    endpoint,
    http: isHttp ? readHttp(text(payload.method), endpoint, text(payload.path), warnings) : undefined,
    process: first === undefined ? undefined : toProcess(first),
    process_events: events,
    container: readContainer(first),
    file: filePath === undefined ? undefined : readFile(filePath),
    imposter,
    tool,
    secret: readSecret(payload, original.secret, warnings),
    policy: readPolicy(payload, warnings),
    expected: readExpected(payload.expected_outbound_connections, warnings),
    run,
    related: {
      hosts: endpoint?.domain === undefined ? NONE : [endpoint.domain],
      ip: endpoint?.ip === undefined ? NONE : [endpoint.ip],
      hash: hashes(imposter?.sha, tool?.sha256),
      user: run?.actor === undefined ? NONE : [run.actor],
    },
    change,
    warnings: warnings.length < 2 ? warnings : [...new Set(warnings)],
    unmapped: unmappedOf(payload, profile.reads),
    payload,
  };
}

const NONE: readonly string[] = [];

function clean(original: JsonObject, suspect: boolean): JsonObject {
  if (suspect) {
    const copy = redactObject(original);
    delete copy.stepsecurity_siem;
    return copy;
  }
  if (original.stepsecurity_siem === undefined) return original;
  const { stepsecurity_siem: _, ...rest } = original;
  return rest;
}

function readEndpoint(
  payload: JsonObject,
  kind: string,
  first: ProcessEvent | undefined,
  options: DetectOptions,
  warnings: string[],
): Endpoint | undefined {
  const direct = text(payload.direct_ip_address);
  const raw = text(payload.endpoint) ?? text(payload.host);
  if (raw !== undefined) return parseEndpoint(raw, direct, warnings);
  if (direct !== undefined) return parseEndpoint(direct, undefined, warnings);
  if (kind === 'Reverse-Shell' && options.deriveDestination) return reverseShellEndpoint(first);
  return undefined;
}

function readChange(value: Json | undefined): Change | undefined {
  if (!isObject(value)) return undefined;
  const { from, to, counter } = value;
  if (typeof from !== 'string' || typeof to !== 'string' || typeof counter !== 'number') return undefined;
  return { from, to, counter };
}

function readRun(value: Json | undefined): Detection['run'] {
  if (!isObject(value)) return undefined;
  const actor = text(value.actor);
  const branch = text(value.branch);
  const sha = text(value.head_sha);
  const event = text(value.event);
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(branch === undefined ? {} : { branch }),
    ...(sha === undefined ? {} : { head_sha: sha }),
    ...(event === undefined ? {} : { event }),
  };
}

/** The link's first path segment names the forge; in the samples it is always GitHub. */
function providerOf(link: Json | undefined): string {
  if (typeof link !== 'string' || !link.includes('/gitlab/')) return 'github';
  return /^https:\/\/[^/]+\/gitlab\//.test(link) ? 'gitlab' : 'github';
}

/** Only the query of the link is believed: its path points at an unrelated run in the vendor's samples. */
function attemptOf(link: Json | undefined): number | undefined {
  if (typeof link !== 'string') return undefined;
  const match = /[?&]run_?[aA]ttempt=(\d{1,6})(?:&|#|$)/.exec(link);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

function isId(value: Json | undefined): boolean {
  return /^\d+$/.test(text(value) ?? '');
}

function hashes(...values: readonly (string | undefined)[]): readonly string[] {
  const present = values.filter((value) => value !== undefined);
  return present.length === 0 ? NONE : present;
}
