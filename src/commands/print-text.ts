import { screenOf } from '../terminal/screen.ts';
import { paragraph } from '../terminal/table.ts';
import { printLine } from './output.ts';

/** A sentence, wrapped where the terminal ends; a command to copy, which is indented, stays whole. */
export function printText(line: string): void {
  printLine(process.stdout.isTTY && !line.startsWith(' ') ? paragraph(screenOf(process.stdout), line) : line);
}
