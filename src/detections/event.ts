import type { Check } from './check.ts';
import type { Detection, KindProfile } from './detection.ts';
import { ANY_CHECK, rehearsedKind } from './kind.ts';

/** The detection's category and type in ECS's terms. */
export function eventOf(
  profile: KindProfile,
  id: string,
  state: {
    readonly action: Detection['action'];
    readonly dryRun: boolean;
    readonly quiet: boolean;
    /** How a check of a pull request ended. */
    readonly result: Check['result'] | undefined;
    /** The facts that determine the category of an unknown kind. */
    readonly facts: Facts;
  },
): Detection['event'] {
  // Suppressed and resolved detections stay out of Elastic's alert promotion, which selects kind `alert`.
  return {
    kind: state.quiet && profile.eventKind === 'alert' ? 'event' : profile.eventKind,
    action: actionOf(id, state.result, state.dryRun),
    category: categoryOf(profile, state.facts),
    type: state.action === undefined ? profile.type : typesOf(profile, state.action),
    outcome: state.action === 'blocked' ? 'success' : undefined,
  };
}

function actionOf(id: string, result: Check['result'] | undefined, dryRun: boolean): string {
  // The rule says which check it was.
  if (result !== undefined) return result === 'passed' ? 'pr_check_success' : ANY_CHECK;
  return dryRun ? `${rehearsedKind(id).toLowerCase()}-dry-run` : id.toLowerCase();
}

const TYPES = { blocked: new WeakMap(), allowed: new WeakMap() } as const satisfies Record<
  string,
  WeakMap<KindProfile, readonly string[]>
>;

/**
 * `denied` and `allowed` are valid with any type, because every kind with a known action has `intrusion_detection`
 * among its categories. Always the same list for the same kind, so that its JSON can be cached.
 */
function typesOf(profile: KindProfile, action: 'blocked' | 'allowed'): readonly string[] {
  const made: WeakMap<KindProfile, readonly string[]> = TYPES[action];
  const types = made.get(profile) ?? [...profile.type, action === 'blocked' ? 'denied' : 'allowed'];
  made.set(profile, types);
  return types;
}

interface Facts {
  readonly endpoint: unknown;
  readonly process: unknown;
  readonly file: unknown;
}

/** For a process, what it touched and called decides; other kinds have their own category. */
function categoryOf(profile: KindProfile, facts: Facts): readonly string[] {
  if (profile.reads === null) return inferred(profile, facts);
  if (facts.endpoint === undefined || profile.category.includes('network')) return profile.category;
  return profile.category.includes('process') ? inferred(profile, TO_NETWORK) : profile.category;
}

const INFERRED = new Map<string, readonly string[]>();

const TO_NETWORK: Facts = { endpoint: true, process: undefined, file: undefined };

/** A far end means network, a process means process, a file means file. */
function inferred(profile: KindProfile, { endpoint, process, file }: Facts): readonly string[] {
  const found = [
    ...(file === undefined ? [] : ['file']),
    ...profile.category,
    ...(endpoint === undefined ? [] : ['network']),
    ...(process === undefined ? [] : ['process']),
  ];
  const name = found.join(' ');
  const categories = INFERRED.get(name) ?? found;
  INFERRED.set(name, categories);
  return categories;
}
