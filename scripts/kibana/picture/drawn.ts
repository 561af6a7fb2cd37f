import { colorOf, rect, text } from './svg.ts';

export type Cell = string | number | null;

/** Where a panel's content goes, below its title. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Drawn {
  readonly as: string;
  /** The names of the columns. */
  readonly labels: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** How many of the columns are keys. */
  readonly keys: number;
  /** The first and last moment of the axis, and the length of a step, in milliseconds. */
  readonly times?: readonly [from: number, to: number, step: number];
}

export type Chart = (drawn: Drawn, box: Box) => string[];

export const shown = (cell: Cell | undefined): string =>
  cell === null || cell === undefined ? '–' : String(cell);
export const grouped = (value: number): string => value.toLocaleString('en-US');

export function legend(
  words: readonly string[],
  names: readonly string[],
  x: number,
  y: number,
  w: number,
): string[] {
  return words.flatMap((word, at) => [
    rect(x, y + 4 + at * 16, 9, 9, { fill: colorOf(names[at] ?? '', at) }),
    text(word, x + 14, y + 12 + at * 16, w - 14),
  ]);
}
