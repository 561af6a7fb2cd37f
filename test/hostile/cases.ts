/** What becomes of a hostile object that lies between two good ones. */
export interface Case {
  /** File in `inputs/`. */
  readonly name: string;
  /** Exit codes of runs in a row; the last reads nothing. */
  readonly exits: readonly number[];
  /** Dead letters at the end, by code. */
  readonly letters: Readonly<Record<string, number>>;
}

const delivered = (name: string): Case => ({ name, exits: [0, 0, 0], letters: {} });

export const CASES: readonly Case[] = [delivered('victim.ndjson')];
