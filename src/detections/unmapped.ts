import { isObject, setMember } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { parseTime } from '../text/time.ts';
import { isHost } from './endpoint.ts';
import { isHttp, isOtherHost } from './http.ts';
import { kindByType } from './kind.ts';
import { POLICY_STATUS } from './policies.ts';
import { isBlockListed } from './readers.ts';
import { type Reads, unreadOf } from './reads.ts';
import { boolean, integer, isPlain, known, text } from './scalars.ts';
import { hashOf } from './tool.ts';
import { isKeyUnsaid } from './vendor-keys.ts';
import { webAddress } from './web-address.ts';

/** How a member is read. */
interface Reading {
  /** Whether it has a type that nobody reads: it is kept, and a warning. */
  readonly odd: (value: Json) => boolean;
  /** Whether it says something that no field holds, beside others that may say the same or in a form that nobody reads. */
  readonly unsaid?: (value: Json, payload: JsonObject, timeless: boolean) => boolean;
  /** What no field holds of its value. */
  readonly beyond?: (value: Json, warnings: string[]) => Json | undefined;
}

function isNested(value: Json): boolean {
  return typeof value === 'object';
}

function isNoText(value: Json): boolean {
  return typeof value !== 'string' && typeof value !== 'number';
}

const TEXT: Reading = { odd: isNoText };
const LIST: Reading = { odd: () => false, beyond: (value) => (isPlain(value) ? undefined : value) };

function textUnless(unsaid: NonNullable<Reading['unsaid']>): Reading {
  return { odd: isNoText, unsaid };
}

function scalarUnless(unsaid: NonNullable<Reading['unsaid']>): Reading {
  return { odd: isNested, unsaid };
}

/**
 * Members that `detect` reads and a rule of `_common` maps. Of these only `id_timestamp` is not read: it is `id` and
 * `timestamp` in one.
 */
const READ = new Map<string, Reading>([
  ...each(
    `id name event_id parent_id owner owner_repo customer workflow_id workflow_path run_id job job_id id_timestamp detection
    suppressed_by suppress_reason suppress_rule_id resolved_by resolved_reason endpoint direct_ip_address path
    secret rule_id current_branch_hash default_branch_hash severity matched_policy`,
    () => TEXT,
  ),
  ...each(
    `actions_not_allowed actions_not_pinned runs_on_labels_not_allowed compromised_actions_detected
    harden_runner_jobs_not_protected harden_runner_jobs_misconfigured expected_outbound_connections`,
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
  ...each('action tag sha', (key) => textUnless((value, payload) => !isOfImposter(key, value, payload))),
  ...each('is_imposter_commit is_commit_on_default_branch', (key) =>
    scalarUnless((value, payload) => boolean(value) === undefined || !isOfImposter(key, value, payload)),
  ),
  ...each('customer_id_status owner_id_status owner_repo_id_status', (name) =>
    textUnless((key, payload) => isKeyUnsaid(name, key, payload)),
  ),
  ['reason', textUnless((_, payload) => !isBlockListed(payload))],
  ['type', textUnless((type, { id }) => type !== id && !goesByType(type))],
  ['html_url', textUnless((link) => webAddress(link) === undefined)],
  ['timestamp', textUnless((_, __, timeless) => timeless)],
  ['job_name', textUnless((name, { job }) => present(job) && job !== name)],
  ['host', textUnless((host, payload) => !isHostRead(text(host), payload))],
  ['method', textUnless((_, payload) => !isHttp(payload))],
  ['file', textUnless((file, payload) => isHttp(payload) || !isFileOf(payload.path, file))],
  ['repository', textUnless((repository, { owner_repo: full }) => present(full) && full !== repository)],
  ['repo', textUnless((_, payload) => !isRepo(payload))],
  [
    'suspicious_npm_pkg_upgrade',
    {
      odd: (value) => !isObject(value),
      beyond: (value, warnings) => extra(value, UPGRADE, warnings),
    },
  ],
  [
    'imposter_commit',
    {
      odd: (value) => !isObject(value),
      beyond: (value, warnings) => extra(value, IMPOSTER, warnings),
    },
  ],
  [
    'tool',
    {
      odd: (value) => !isObject(value),
      beyond: (value, warnings) =>
        isObject(value) ? merge(extra(value, TOOL, warnings), parentOf(value, warnings)) : undefined,
    },
  ],
  ['process_events', { odd: (value) => !isNested(value), beyond: beyondEvents }],
]);

/**
 * Members that the vendor documents and no field of ours holds, the group's that its members are given among them: kept
 * like any other, and no news.
 */
const DOCUMENTED = new Set([
  ...`alert_timestamp conclusion customer_id_status event_type owner_id_status owner_repo_id_status parent_event_id
  parent_name runtime_security_status status ttl type`.split(/\s+/),
  ...Object.values<string>(POLICY_STATUS),
]);

/** Whether a member that no field holds is one that nobody has heard of. */
export function isNews(key: string): boolean {
  return !DOCUMENTED.has(key);
}

/** Whether a field holds a member, beside those of a kind's own rules. */
export function isRead(key: string): boolean {
  return READ.has(key);
}

function each(keys: string, readingOf: (key: string) => Reading): [string, Reading][] {
  return keys.split(/\s+/).map((key) => [key, readingOf(key)]);
}

function goesByType(type: Json | undefined): boolean {
  return kindByType(type) !== undefined;
}

function present(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** Read at the top of rows about actions, unless `imposter_commit` says otherwise. */
function isOfImposter(key: string, value: Json, { id, imposter_commit: nested }: JsonObject): boolean {
  if (isObject(nested)) return nested[key] === value;
  return nested === undefined && typeof id === 'string' && /^action-uses-/i.test(id);
}

/** A host is where the connection went, where no `endpoint` says so, and else who was asked, where no whole URL says so. */
function isHostRead(host: string | undefined, { endpoint, path }: JsonObject): boolean {
  if (!present(endpoint) || endpoint === host) return true;
  return isHost(host) && !isOtherHost(host, text(path));
}

/** Whether `file` is what `path` is about, or alone. */
function isFileOf(path: Json | undefined, file: Json): boolean {
  return !present(path) || text(path)?.endsWith(text(file) ?? '') === true;
}

/** `repo` is `owner/name` or its name; the fuller members go first. */
function isRepo({ repo, owner_repo, repository }: JsonObject): boolean {
  const full = text(owner_repo) ?? text(repository);
  return full === undefined || full === repo || full.endsWith(`/${text(repo)}`);
}

/** Known members of a nested object, and whether one has a type that nobody reads. */
type Known = ReadonlyMap<string, (value: Json, warnings: readonly string[]) => boolean>;

const anything = (): boolean => false;
const noObject = (value: Json): boolean => !isObject(value);
const noBoolean = (value: Json): boolean => typeof value !== 'boolean';
/** Whether it could not be read: a warning tells, and hardly any detection has one. */
const noInteger = (value: Json, warnings: readonly string[]): boolean =>
  warnings.length > 0 && integer(value, '', []) === undefined;
const noTime = (value: Json, warnings: readonly string[]): boolean =>
  warnings.length > 0 && parseTime(value) === undefined;
const noSwitch = (value: Json, warnings: readonly string[]): boolean =>
  warnings.length > 0 && boolean(value) === undefined;

/** What reads these has warned. */
const WARNED = new Set([noInteger, noTime, noSwitch]);

const IMPOSTER: Known = new Map([
  ['action', isNoText],
  ['tag', isNoText],
  ['sha', isNoText],
  ['timestamp', noTime],
  ['is_imposter_commit', noSwitch],
  ['is_commit_on_default_branch', noSwitch],
]);
const UPGRADE: Known = new Map([
  ['package_name', isNoText],
  ['previous_version', isNoText],
  ['current_version', isNoText],
  // That it is one, the kind says.
  ['is_upgraded', (value) => value !== true && value !== 'true'],
]);
const TOOL: Known = new Map([
  ['name', isNoText],
  ['sha256', isNoText],
  ['parent', (value) => typeof value === 'boolean' || Array.isArray(value)],
]);
const PARENT: Known = new Map([
  ['name', isNoText],
  ['parent', (value) => typeof value === 'boolean' || Array.isArray(value)],
]);
const PROCESS: Known = new Map([
  ['pid', noInteger],
  ['ppid', noInteger],
  ['exe', isNoText],
  ['working_directory', isNoText],
  ['arguments', (value) => typeof value !== 'string' && !Array.isArray(value)],
  ['timestamp', noTime],
  ['armour_event_process', noObject],
]);
const ARMOUR: Known = new Map([
  ['armour_event_kind', isNoText],
  ['timestamp', anything],
  ['file_info', noObject],
  ['enforced_protection', noBoolean],
]);
const FILE_INFO: Known = new Map([
  ['is_write', noBoolean],
  ['current_pid', noInteger],
  ['current_exe', anything],
  ['target_file', isNoText],
  ['target_pid', noInteger],
  ['target_exe', isNoText],
]);

/**
 * What of a payload no field holds, nested members included; undefined when that is nothing. `reads`: what the kind's own
 * rules read of it beside that; null keeps the whole payload (kinds nobody has seen). `timeless`: no time could be read. `taken`: a
 * member that is read whole. A member of a type that nobody reads is named in `warnings`.
 */
export function unmappedOf(
  payload: JsonObject,
  reads: Reads | null,
  timeless: boolean,
  warnings: string[],
  taken?: string,
): JsonObject | undefined {
  if (reads === null) return payload;
  let rest: JsonObject | undefined;
  // The fastest way through members that V8 has: what JSON made inherits none.
  for (const key in payload) {
    const value = payload[key];
    const reading = READ.get(key);
    // Nearly every member ends here.
    if (reading === TEXT && (typeof value === 'string' || typeof value === 'number')) continue;
    if (value === undefined || value === null || value === '') continue;
    if (reading === undefined && (key === taken || (reads.get(key)?.whole === true && isPlain(value))))
      continue;
    const left = leftOf(key, value, { reading, payload, reads, timeless, warnings });
    if (left === undefined) continue;
    rest ??= {};
    setMember(rest, key, left);
  }
  return rest;
}

function leftOf(
  key: string,
  value: Json,
  {
    reading,
    payload,
    reads,
    timeless,
    warnings,
  }: {
    readonly reading: Reading | undefined;
    readonly payload: JsonObject;
    readonly reads: Reads;
    readonly timeless: boolean;
    readonly warnings: string[];
  },
): Json | undefined {
  const own = reads.get(key);
  if (reading === undefined) {
    const left = own === undefined ? value : unreadOf(value, own);
    if (own !== undefined && left === value) warnings.push(`bad_${key}`);
    return left;
  }
  if (reading.odd(value)) {
    warnings.push(`bad_${key}`);
    return value;
  }
  if (reading.unsaid?.(value, payload, timeless) === true && !reads.has(key)) return value;
  const beyond = reading.beyond?.(value, warnings);
  return own === undefined || beyond === undefined ? beyond : unreadOf(beyond, own);
}

function beyondEvents(events: Json, warnings: string[]): Json | undefined {
  if (!Array.isArray(events)) return isObject(events) ? beyondEvents([events], warnings) : events;
  const extras = events.map((event) => {
    const armour = isObject(event) ? event.armour_event_process : undefined;
    const info = isObject(armour) ? armour.file_info : undefined;
    return merge(
      extra(event, PROCESS, warnings),
      extra(armour, ARMOUR, warnings),
      extra(info, FILE_INFO, warnings),
    );
  });
  return extras.some((one) => one !== undefined) ? extras.map((one) => one ?? {}) : undefined;
}

/** Of each parent the name and the hash are read; what stands in the hash's place is kept. */
function parentOf({ parent }: JsonObject, warnings: string[]): JsonObject | undefined {
  if (!isObject(parent)) return undefined;
  const { sha256, ...own } = extra(parent, PARENT, warnings) ?? {};
  const said = sha256 === undefined || hashOf(sha256) !== undefined || (!isNoText(sha256) && !known(sha256));
  const rest = { ...own, ...(said ? {} : { sha256 }), ...parentOf(parent, warnings) };
  return Object.values(rest).every((member) => member === '') ? undefined : { parent: rest };
}

function extra(value: Json | undefined, known: Known, warnings: string[]): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  let rest: JsonObject | undefined;
  for (const key in value) {
    const member = value[key];
    if (member === undefined || member === null) continue;
    const odd = known.get(key);
    if (odd !== undefined) {
      if (member === '' || !odd(member, warnings)) continue;
      if (!WARNED.has(odd)) warnings.push(`bad_${key}`);
    }
    rest ??= {};
    setMember(rest, key, member);
  }
  return rest;
}

function merge(...parts: readonly (JsonObject | undefined)[]): JsonObject | undefined {
  const present = parts.filter((part) => part !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present.flatMap(Object.entries<Json>));
}
