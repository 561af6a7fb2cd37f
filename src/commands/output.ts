import type { Ledger } from '../account/ledger.ts';
import { type Screen, screenOf } from '../terminal/screen.ts';
import { printableJson } from '../text/printable.ts';
import type { FlagValues, JsonFlag } from './flags.ts';

/** A line on standard output: only for results, never for logs. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * How to write results for people; undefined if a program reads them: when piped, unless `--no-json` says otherwise,
 * and with `--json`.
 */
export function screenFor({ json }: JsonFlag): Screen | undefined {
  const isForPeople = json === undefined ? process.stdout.isTTY : !json;
  return isForPeople ? screenOf(process.stdout) : undefined;
}

/** Details are for people: they replace the table of kinds. */
export type LedgerReport = (ledger: Ledger, details?: string) => void;

/** Prints the ledger of each pass: JSON for programs, sentences for people. */
export async function ledgerReport(flags: FlagValues & JsonFlag): Promise<LedgerReport> {
  const screen = screenFor(flags);
  if (screen === undefined) return (ledger) => printLine(printableJson(ledger));
  const { againWith } = await import('./again.ts');
  const { summaryOf } = await import('./summary.ts');
  const again = againWith(flags);
  return (ledger, details) => printLine(summaryOf(ledger, screen, again, details));
}
