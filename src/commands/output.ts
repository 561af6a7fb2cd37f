import { type Screen, screenOf } from '../terminal/screen.ts';

/** A line on standard output: results, never logs. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * How to write results for people; undefined where a program reads them: into a pipe, unless `--no-json` says otherwise, and
 * with `--json`.
 */
export function screenFor({ json }: JsonFlag): Screen | undefined {
  const isForPeople = json === undefined ? process.stdout.isTTY : !json;
  return isForPeople ? screenOf(process.stdout) : undefined;
}

export interface JsonFlag {
  /** Undefined when not given. */
  readonly json?: boolean | undefined;
}
