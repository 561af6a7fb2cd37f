import { screenOf } from '../terminal/screen.ts';
import { paragraph } from '../terminal/table.ts';
import { printLine } from './output.ts';

/** A sentence, wrapped to the terminal; an indented line is a command to copy and stays whole. */
export function printText(line: string): void {
  printLine(process.stdout.isTTY && !line.startsWith(' ') ? paragraph(screenOf(process.stdout), line) : line);
}
