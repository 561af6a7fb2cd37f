import type { JsonObject } from '../contracts/types.ts';
import { hasPassed } from './check.ts';
import { imposterOf } from './imposter.ts';
import { boolean } from './scalars.ts';

export const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The risk scores of Elastic's detection rules for each severity: the rules match on exactly these. */
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

const IMPOSTER = 'Action-Uses-Imposter-Commit';

/** How a payload changes its kind's default. */
const BY_PAYLOAD: Record<string, (payload: JsonObject, normal: Severity) => Severity> = {
  [IMPOSTER]: (payload, normal) =>
    boolean(imposterOf(payload, IMPOSTER)?.is_imposter_commit) === false ? 'medium' : normal,
  'Secrets-Policy-Blocked': (payload, normal) =>
    boolean(payload.workflow_contains_secrets) === true &&
    boolean(payload.is_non_default_branch) === true &&
    boolean(payload.workflow_matches_default_ref) === false
      ? 'high'
      : normal,
  // The baseline check is also reported when it found nothing, or nothing unapproved.
  'Harden-Runner': (payload, normal) => (hasPassed(payload) ? 'informational' : normal),
};

/** Words of the vendor, and of the advisories it quotes, for our levels. */
const WORDS: Readonly<Record<string, Severity>> = { info: 'informational', moderate: 'medium' };

/** The severity that the payload states; undefined if it states none that is known. */
function statedSeverity({ severity }: JsonObject): Severity | undefined {
  if (typeof severity !== 'string') return undefined;
  const word = severity.trim().toLowerCase();
  return SEVERITIES.find((known) => known === word) ?? (Object.hasOwn(WORDS, word) ? WORDS[word] : undefined);
}

/** What a severity is based on. */
interface Grounds {
  readonly kind: string;
  /** Names that an operator may use for the kind: its id, and the payload's own if different. */
  readonly names: readonly (string | undefined)[];
  readonly payload: JsonObject;
  /** The kind's default. */
  readonly normal: Severity;
  /** The act was stopped, and the kind's default does not already allow for that. */
  readonly stopped: boolean;
  readonly attackBlocked: boolean;
}

/**
 * The severity of one detection: the operator's override, else the payload's own, else the kind's default adjusted
 * by the payload. If lockdown or the agent stopped it, it drops one step, but not below low; if the global block
 * list stopped it, it is an attack, and at least high.
 */
export function severityOf(grounds: Grounds, overrides: Readonly<Record<string, Severity>>): Graded {
  const { kind, payload, normal, stopped, attackBlocked } = grounds;
  const override = overrideOf([...grounds.names, kind], overrides);
  if (override !== undefined) return GRADES[override];
  const stated = statedSeverity(payload);
  const word = stated ?? BY_PAYLOAD[kind]?.(payload, normal) ?? normal;
  if (attackBlocked) return GRADES[atLeast(word, 'high') ? word : 'high'];
  return GRADES[stated === undefined && stopped ? oneStepDown(word) : word];
}

function overrideOf(
  names: readonly (string | undefined)[],
  overrides: Readonly<Record<string, Severity>>,
): Severity | undefined {
  // Names come from the payload: one such as `constructor` must not match what every object inherits.
  const named = names.find((name) => name !== undefined && Object.hasOwn(overrides, name));
  return named === undefined ? undefined : overrides[named];
}

function oneStepDown(word: Severity): Severity {
  const step = SEVERITIES.indexOf(word);
  return SEVERITIES[step > 1 ? step - 1 : step] ?? word;
}
