import { isObject } from '../contracts/json.ts';
import type { JsonObject } from '../contracts/types.ts';
import { boolean } from './scalars.ts';

export const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The risk scores that Elastic's detection rules give each severity: its rules match on exactly these. */
const NUMBERS: Record<Severity, number> = { informational: 0, low: 21, medium: 47, high: 73, critical: 99 };

export interface Graded {
  readonly word: Severity;
  readonly number: number;
}

const GRADES = Object.fromEntries(
  SEVERITIES.map((word) => [word, { word, number: NUMBERS[word] }]),
) as Record<Severity, Graded>;

export function grade(word: Severity): Graded {
  return GRADES[word];
}

/** True when `word` is at least as severe as `minimum`. */
export function atLeast(word: Severity, minimum: Severity): boolean {
  return SEVERITIES.indexOf(word) >= SEVERITIES.indexOf(minimum);
}

/** What the payload itself says that moves a kind's default. */
const BY_PAYLOAD: Record<string, (payload: JsonObject, normal: Severity) => Severity> = {
  'Action-Uses-Imposter-Commit': (payload, normal) =>
    isObject(payload.imposter_commit) && boolean(payload.imposter_commit.is_imposter_commit) === false
      ? 'medium'
      : normal,
  'Secrets-Policy-Blocked': (payload, normal) =>
    boolean(payload.workflow_contains_secrets) === true &&
    boolean(payload.is_non_default_branch) === true &&
    boolean(payload.workflow_matches_default_ref) === false
      ? 'high'
      : normal,
  'Threat-Intelligence': (payload, normal) => vendorWord(payload.severity) ?? normal,
  pr_check_failure: (payload, normal) => vendorWord(payload.severity) ?? normal,
};

function vendorWord(value: unknown): Severity | undefined {
  if (typeof value !== 'string') return undefined;
  const word = value.toLowerCase();
  if (word === 'info') return 'informational';
  return SEVERITIES.find((known) => known === word);
}

/**
 * The severity of one detection: the operator's override for its kind (a kind nobody has seen goes by its `id`), else the kind's default moved by the payload; an
 * action that was stopped by lockdown or enforcement drops one step, down to low.
 */
export function severityOf(
  kind: string,
  id: string,
  payload: JsonObject,
  normal: Severity,
  stopped: boolean,
  overrides: Readonly<Record<string, Severity>>,
): Graded {
  // Names come from the payload: one such as `constructor` must not find what every object has.
  const named = Object.hasOwn(overrides, id) ? id : kind;
  const override = Object.hasOwn(overrides, named) ? overrides[named] : undefined;
  if (override !== undefined) return GRADES[override];
  const moved = BY_PAYLOAD[kind]?.(payload, normal) ?? normal;
  if (!stopped) return GRADES[moved];
  const step = SEVERITIES.indexOf(moved);
  return GRADES[SEVERITIES[step > 1 ? step - 1 : step] ?? moved];
}
