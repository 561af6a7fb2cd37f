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
  /** Whether its type is unexpected: the member is then kept, with a warning. */
  readonly odd: (value: Json) => boolean;
  /**
   * Whether it says something that no field holds, considering other members that may say the same, or is in an
   * unknown form.
   */
  readonly unsaid?: (value: Json, payload: JsonObject, timeless: boolean) => boolean;
  /** The part of its value that no field holds. */
  readonly beyond?: (value: Json, warnings: string[]) => Json | undefined;
}

function isNested(value: Json): boolean {
  return typeof value === 'object';
}

function isNotText(value: Json): boolean {
  return typeof value !== 'string' && typeof value !== 'number';
}

const TEXT: Reading = { odd: isNotText };
const LIST: Reading = { odd: () => false, beyond: (value) => (isPlain(value) ? undefined : value) };

function textUnless(unsaid: NonNullable<Reading['unsaid']>): Reading {
  return { odd: isNotText, unsaid };
}

function scalarUnless(unsaid: NonNullable<Reading['unsaid']>): Reading {
  return { odd: isNested, unsaid };
}

/**
 * Members that `detect` reads and a rule of `_common` maps. Only `id_timestamp` is not read: it combines `id` and
 * `timestamp`.
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
 * Members that the vendor documents and no field of ours holds, including those that members get from their group:
 * kept like any other, but not reported as new.
 */
const DOCUMENTED = new Set([
  ...`alert_timestamp conclusion customer_id_status event_type owner_id_status owner_repo_id_status parent_event_id
  parent_name runtime_security_status status ttl type`.split(/\s+/),
  ...Object.values<string>(POLICY_STATUS),
]);

/** Whether an unmapped member is not documented either. */
export function isNews(key: string): boolean {
  return !DOCUMENTED.has(key);
}

/** Whether a field holds a member, apart from the kind's own rules. */
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

/** For rows about actions, read at top level unless `imposter_commit` says otherwise. */
function isOfImposter(key: string, value: Json, { id, imposter_commit: nested }: JsonObject): boolean {
  if (isObject(nested)) return nested[key] === value;
  return nested === undefined && typeof id === 'string' && /^action-uses-/i.test(id);
}

/**
 * The host is used as the connection's destination if there is no `endpoint`, or else as the requested host unless
 * a whole URL names that.
 */
function isHostRead(host: string | undefined, { endpoint, path }: JsonObject): boolean {
  if (!present(endpoint) || endpoint === host) return true;
  return isHost(host) && !isOtherHost(host, text(path));
}

/** Whether `file` matches the end of `path`, or is the only one. */
function isFileOf(path: Json | undefined, file: Json): boolean {
  return !present(path) || text(path)?.endsWith(text(file) ?? '') === true;
}

/** Whether `repo` repeats the fuller members: it is `owner/name` or just the name. */
function isRepo({ repo, owner_repo, repository }: JsonObject): boolean {
  const full = text(owner_repo) ?? text(repository);
  return full === undefined || full === repo || full.endsWith(`/${text(repo)}`);
}

/** Known members of a nested object, each with a test for an unexpected type. */
type Known = ReadonlyMap<string, (value: Json, warnings: readonly string[]) => boolean>;

const anything = (): boolean => false;
const isNotObject = (value: Json): boolean => !isObject(value);
const isNotBoolean = (value: Json): boolean => typeof value !== 'boolean';
/** Whether it could not be read: then there is a warning, and hardly any detection has one. */
const isNotInteger = (value: Json, warnings: readonly string[]): boolean =>
  warnings.length > 0 && integer(value, '', []) === undefined;
const isNotTime = (value: Json, warnings: readonly string[]): boolean =>
  warnings.length > 0 && parseTime(value) === undefined;
const isNotSwitch = (value: Json, warnings: readonly string[]): boolean =>
  warnings.length > 0 && boolean(value) === undefined;

/** The reader of these has already warned. */
const WARNED = new Set([isNotInteger, isNotTime, isNotSwitch]);

const IMPOSTER: Known = new Map([
  ['action', isNotText],
  ['tag', isNotText],
  ['sha', isNotText],
  ['timestamp', isNotTime],
  ['is_imposter_commit', isNotSwitch],
  ['is_commit_on_default_branch', isNotSwitch],
]);
const UPGRADE: Known = new Map([
  ['package_name', isNotText],
  ['previous_version', isNotText],
  ['current_version', isNotText],
  // The kind already says that it was upgraded.
  ['is_upgraded', (value) => value !== true && value !== 'true'],
]);
const TOOL: Known = new Map([
  ['name', isNotText],
  ['sha256', isNotText],
  ['parent', (value) => typeof value === 'boolean' || Array.isArray(value)],
]);
const PARENT: Known = new Map([
  ['name', isNotText],
  ['parent', (value) => typeof value === 'boolean' || Array.isArray(value)],
]);
const PROCESS: Known = new Map([
  ['pid', isNotInteger],
  ['ppid', isNotInteger],
  ['exe', isNotText],
  ['working_directory', isNotText],
  ['arguments', (value) => typeof value !== 'string' && !Array.isArray(value)],
  ['timestamp', isNotTime],
  ['armour_event_process', isNotObject],
]);
const ARMOUR: Known = new Map([
  ['armour_event_kind', isNotText],
  ['timestamp', anything],
  ['file_info', isNotObject],
  ['enforced_protection', isNotBoolean],
]);
const FILE_INFO: Known = new Map([
  ['is_write', isNotBoolean],
  ['current_pid', isNotInteger],
  ['current_exe', anything],
  ['target_file', isNotText],
  ['target_pid', isNotInteger],
  ['target_exe', isNotText],
]);

/**
 * The parts of a payload that no field holds, including nested members; undefined if there are none. `reads`: what
 * the kind's own rules read as well; null keeps the whole payload (unknown kinds). `timeless`: no time could be
 * read. `taken`: a member that is read as a whole. A member of an unexpected type is named in `warnings`.
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
  // V8's fastest way through members; parsed JSON inherits none.
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

/** From each parent, the name and the hash are read; anything else in place of the hash is kept. */
function parentOf({ parent }: JsonObject, warnings: string[]): JsonObject | undefined {
  if (!isObject(parent)) return undefined;
  const { sha256, ...own } = extra(parent, PARENT, warnings) ?? {};
  const said = sha256 === undefined || hashOf(sha256) !== undefined || (!isNotText(sha256) && !known(sha256));
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
