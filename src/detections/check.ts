import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { parseEndpoint } from './endpoint.ts';
import { firstFive } from './first-five.ts';
import { text } from './scalars.ts';

/** A check of a pull request. The vendor reports checks that fail, and some that pass. */
export interface Check {
  readonly type: string | undefined;
  readonly name: string | undefined;
  readonly run_id: string | undefined;
  /** Only if the detection's link is a different page. */
  readonly url: string | undefined;
  readonly pr_url: string | undefined;
  readonly head_sha: string | undefined;
  readonly server_name: string | undefined;
  /** How it ended (`success`), and its status if given (`completed`). */
  readonly conclusion: string | undefined;
  readonly status: string | undefined;
  /** How it ended, for a sentence. */
  readonly result: 'passed' | 'failed';
  /** The first five things it found, for a sentence. */
  readonly found: string | undefined;
}

/** Members of the payload that `readCheck` covers completely. */
export const CHECK_MEMBERS =
  'check_type check_name check_run_id checks_url pr_url head_sha server_name conclusion status'.split(' ');

export function readCheck(payload: JsonObject, link: string | undefined): Check {
  const url = text(payload.checks_url);
  return {
    type: text(payload.check_type),
    name: text(payload.check_name),
    run_id: text(payload.check_run_id),
    url: url === link ? undefined : url,
    pr_url: text(payload.pr_url),
    head_sha: text(payload.head_sha),
    server_name: text(payload.server_name),
    conclusion: text(payload.conclusion),
    status: text(payload.status),
    result: hasPassed(payload) ? 'passed' : 'failed',
    found: firstFive(listOf(payload.failure_data).flatMap((item) => findingOf(item) ?? [])),
  };
}

/** Conclusions of a GitHub check that did not fail. */
const PASSED = new Set(['success', 'neutral', 'skipped']);

export function hasPassed({ conclusion, status }: JsonObject): boolean {
  return PASSED.has((text(conclusion) ?? text(status) ?? '').trim().toLowerCase());
}

function listOf(data: Json | undefined): readonly Json[] {
  return Array.isArray(data) ? data : [data ?? null];
}

/** A package and its versions, a job of a workflow, or the far end of a complete detection. */
function findingOf(item: Json): string | undefined {
  if (!isObject(item)) return undefined;
  const name = text(item.package_name);
  if (name !== undefined) {
    const versions = [text(item.previous_version), text(item.current_version)];
    return `${name} ${versions.filter((one) => one !== undefined).join(' → ')}`.trimEnd();
  }
  const workflow = text(item.workflow);
  if (workflow === undefined) return calledBy(item);
  const job = text(item.job);
  return job === undefined ? workflow : `${workflow} (job ${job})`;
}

function calledBy({ endpoint, detection }: JsonObject): string | undefined {
  const called = text(endpoint);
  return called === undefined ? text(detection) : parseEndpoint(called, undefined, []).raw;
}

/** A package upgraded from one version to another. */
export interface Upgrade {
  readonly name: string;
  readonly version: string | undefined;
  readonly previous_version: string | undefined;
}

/**
 * The package of a detection, or of a check that found exactly one: with several, a single field would belong to
 * none of them.
 */
export function readUpgrade({
  suspicious_npm_pkg_upgrade: own,
  failure_data: found,
}: JsonObject): Upgrade | undefined {
  if (own === undefined && found === undefined) return undefined;
  const [item, ...others] = own === undefined ? listOf(found) : [own];
  const name = isObject(item) && others.length === 0 ? text(item.package_name) : undefined;
  if (name === undefined || !isObject(item)) return undefined;
  return { name, version: text(item.current_version), previous_version: text(item.previous_version) };
}
