/** A line on standard output: results, never logs. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
