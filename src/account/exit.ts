import { ConfigError, LeaseError, UnavailableError } from '../contracts/errors.ts';
import { spoken } from '../redaction/spoken.ts';
import { printableLines } from '../text/printable.ts';

export const EXIT = {
  ok: 0,
  bug: 1,
  config: 2,
  deadLettered: 3,
  unavailable: 4,
  lease: 5,
} as const;

/**
 * The exit code for the error that stopped a run; without an error, it depends on whether anything was dead-lettered.
 */
export function exitCodeOf(error: unknown, deadLettered: number): number {
  if (error === undefined) return deadLettered > 0 ? EXIT.deadLettered : EXIT.ok;
  if (error instanceof ConfigError) return EXIT.config;
  if (error instanceof UnavailableError) return EXIT.unavailable;
  return error instanceof LeaseError ? EXIT.lease : EXIT.bug;
}

/** An error as shown to an operator: its message, plus the stack only if it is our own bug. May span several lines. */
export function describeError(error: unknown): string {
  return printableLines(spoken(wordsOf(error)));
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return exitCodeOf(error, 0) === EXIT.bug ? (error.stack ?? error.message) : error.message;
}

/** The first line of a description, for a ledger. */
export function headlineOf(description: string): string {
  return description.split('\n', 1)[0] ?? '';
}
