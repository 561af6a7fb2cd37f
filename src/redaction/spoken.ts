import { withoutOwnSecrets } from '../text/own-secrets.ts';
import type { RedactionOptions } from './options.ts';
import { DEFAULT_REDACTOR, redactorOf } from './redactor.ts';

/** There is only one standard error, and so one set of rules for it. */
let rules = DEFAULT_REDACTOR;

/** From now on, the operator's own patterns, names and exceptions also apply to what the program prints. */
export function speakBy(options: RedactionOptions): void {
  rules = redactorOf(options);
}

/**
 * What the program says about its work (logs, errors, tables, the reason of a dead letter) without secrets: neither
 * those in the payload nor the credentials it was given.
 */
export function spoken(text: string): string {
  return rules.text(withoutOwnSecrets(text));
}
