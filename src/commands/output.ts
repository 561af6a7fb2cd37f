import type { Ledger } from '../account/ledger.ts';
import { type Screen, screenOf } from '../terminal/screen.ts';
import { paragraph } from '../terminal/table.ts';
import { printableJson } from '../text/printable.ts';
import { againWith } from './again.ts';
import type { FlagValues, JsonFlag } from './flags.ts';
import { summaryOf } from './summary.ts';

/** A line on standard output: results, never logs. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A sentence, wrapped where the terminal ends; a command to copy, which is indented, stays whole. */
export function printText(line: string): void {
  printLine(process.stdout.isTTY && !line.startsWith(' ') ? paragraph(screenOf(process.stdout), line) : line);
}

/**
 * How to write results for people; undefined where a program reads them: into a pipe, unless `--no-json` says otherwise, and
 * with `--json`.
 */
export function screenFor({ json }: JsonFlag): Screen | undefined {
  const isForPeople = json === undefined ? process.stdout.isTTY : !json;
  return isForPeople ? screenOf(process.stdout) : undefined;
}

/** Details are for people: they take the place of the table of kinds. */
export type LedgerReport = (ledger: Ledger, details?: string) => void;

/** Prints the ledger of each pass: JSON for programs, sentences for people. */
export function ledgerReport(flags: FlagValues & JsonFlag): LedgerReport {
  const screen = screenFor(flags);
  if (screen === undefined) return (ledger) => printLine(printableJson(ledger));
  const again = againWith(flags);
  return (ledger, details) => printLine(summaryOf(ledger, screen, again, details));
}
