import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { parseTime, toIso } from '../text/time.ts';
import { boolean, text } from './scalars.ts';

export interface Imposter {
  readonly action: string | undefined;
  readonly tag: string | undefined;
  readonly sha: string | undefined;
  readonly timestamp: string | undefined;
  readonly is_imposter_commit: boolean | undefined;
  readonly is_commit_on_default_branch: boolean | undefined;
  /** For a sentence: the commit, unless these flags contradict the kind's claim. */
  readonly outside_history: string | undefined;
  readonly off_default_branch: string | undefined;
  /** The action's repository, only for `owner/repo…`. */
  readonly reference: string | undefined;
}

/** Kinds whose API rows have at top level what the export nests in `imposter_commit`. */
const ABOUT_ACTIONS = /^Action-Uses-/;
const AT_TOP = ['action', 'tag', 'sha', 'is_imposter_commit', 'is_commit_on_default_branch'];

/** What a payload says about an action's commit, in either form. */
export function imposterOf(payload: JsonObject, kind: string): JsonObject | undefined {
  const nested = payload.imposter_commit ?? undefined;
  if (nested !== undefined) return isObject(nested) ? nested : undefined;
  if (!ABOUT_ACTIONS.test(kind)) return undefined;
  // Without `timestamp`: nested, it is when the commit was made; at top level, when it was detected.
  const found = AT_TOP.flatMap((key): [string, Json][] => {
    const value = payload[key];
    return value === undefined ? [] : [[key, value]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** `onGithub`: the repository is on github.com. With a self-hosted server, an action may be on either. */
export function readImposter(
  payload: JsonObject,
  kind: string,
  onGithub: boolean,
  warnings: string[],
): Imposter | undefined {
  const value = imposterOf(payload, kind);
  if (value === undefined) return undefined;
  const action = text(value.action);
  const sha = text(value.sha);
  const time = parseTime(value.timestamp);
  if (
    time === undefined &&
    value.timestamp !== undefined &&
    value.timestamp !== null &&
    value.timestamp !== ''
  )
    warnings.push('bad_imposter_timestamp');
  const isImposter = boolean(value.is_imposter_commit, 'is_imposter_commit', warnings);
  const isOnBranch = boolean(value.is_commit_on_default_branch, 'is_commit_on_default_branch', warnings);
  return {
    action,
    tag: text(value.tag),
    sha,
    timestamp: time === undefined ? undefined : toIso(time),
    is_imposter_commit: isImposter,
    is_commit_on_default_branch: isOnBranch,
    outside_history: isImposter === false ? undefined : sha,
    off_default_branch: isOnBranch === true ? undefined : sha,
    reference: onGithub ? actionRepository(action) : undefined,
  };
}

/** `owner/repo/sub@v1` → its repository; Docker and local actions have none. */
function actionRepository(action: string | undefined): string | undefined {
  const match = action === undefined ? null : /^([\w.-]+\/[\w.-]+)(?:[/@]|$)/.exec(action);
  return match?.[1] === undefined || action?.startsWith('.') ? undefined : `https://github.com/${match[1]}`;
}
