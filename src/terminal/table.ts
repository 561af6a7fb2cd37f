import Table from 'cli-table3';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Screen } from './screen.ts';
import { grouped } from './words.ts';

export interface Column {
  readonly head: string;
  /** Align to the right, so that digits line up. */
  readonly right?: true;
}

export interface TableOptions {
  /** Maximum lines of a cell; longer text ends in an ellipsis. */
  readonly lines?: number;
  /** The last row is the total of the others. */
  readonly total?: true;
}

type Cell = string | number;

/** Columns between two cells. */
const GAP = 2;
/** No column gets narrower than this. */
const LEAST = 6;

const FRAME = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(GAP),
};

/**
 * A table no wider than the screen: the widest columns shrink, and their text wraps between words, or inside a word
 * that is too long. Cells must be printable; they may contain styles.
 */
export function tableOf(
  screen: Screen,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { lines = Number.POSITIVE_INFINITY, total }: TableOptions = {},
): string {
  const heads = columns.map(({ head }) => head);
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? grouped(cell) : cell)));
  const widths = fitting(naturalWidths([heads, ...texts]), screen.width - GAP * (columns.length - 1));
  const rule = widths.map((width) => screen.paint('faint', '─'.repeat(width)));
  const table = new Table({
    chars: FRAME,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map(({ right }) => (right === true ? 'right' : 'left')),
  });
  const fit = (cells: readonly string[]): string[] =>
    cells.map((text, at) => wrapped(text, widths[at] ?? LEAST, lines));
  table.push(
    fit(heads).map((head) => screen.paint('strong', head)),
    rule,
  );
  for (const [at, row] of texts.entries()) {
    if (total === true && at === texts.length - 1) table.push(rule);
    table.push(fit(row));
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Wraps text to the width of the screen and indents every line after the first. */
export function paragraph({ width }: Screen, text: string, indent = 0): string {
  const margin = ' '.repeat(indent);
  return wrapAnsi(text, width - indent, { hard: true }).replaceAll('\n', `\n${margin}`);
}

function naturalWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, text] of row.entries()) {
      const width = Math.max(...text.split('\n').map((line) => stringWidth(line)));
      widths[at] = Math.max(widths[at] ?? 0, width);
    }
  }
  return widths;
}

/** The same widths, with the widest reduced until everything fits. */
function fitting(widths: readonly number[], room: number): number[] {
  const fitted = [...widths];
  let excess = fitted.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...fitted);
    if (widest <= LEAST) break;
    fitted[fitted.lastIndexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return fitted;
}

function wrapped(text: string, width: number, most: number): string {
  if (stringWidth(text) <= width && !text.includes('\n')) return text;
  const lines = wrapAnsi(text, width, { hard: true }).split('\n');
  if (lines.length <= most) return lines.join('\n');
  const last = wrapAnsi(lines[most - 1] ?? '', width - 1, { hard: true }).split('\n', 1)[0] ?? '';
  return [...lines.slice(0, most - 1), `${last}…`].join('\n');
}
