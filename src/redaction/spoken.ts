import { withoutOwnSecrets } from '../text/own-secrets.ts';
import type { RedactionOptions } from './options.ts';
import { DEFAULT_REDACTOR, redactorOf } from './redactor.ts';

/** There is one standard error, and so one set of rules for it. */
let rules = DEFAULT_REDACTOR;

/** From now on the operator's own patterns, names and exceptions hold for what the program says, too. */
export function speakBy(options: RedactionOptions): void {
  rules = redactorOf(options);
}

/**
 * What the program says about its work (logs, errors, tables, the reason of a dead letter), without secrets: those of the
 * payload, and the credentials it was given.
 */
export function spoken(text: string): string {
  return rules.text(withoutOwnSecrets(text));
}
