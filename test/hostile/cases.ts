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

/** So much in it is foreign that one letter stands for most of it. */
const capped = (name: string, code: string): Case => ({
  name,
  exits: [3, 0, 0],
  letters: { [code]: 10, more_faults: 1 },
});

export const CASES: readonly Case[] = [
  delivered('victim.ndjson'),
  delivered('deep-5000obj.json'),
  delivered('group-amplify-100.json'),
  capped('group-scalars-2k.json', 'not_an_object'),
  capped('group-scalars-20k.json', 'not_an_object'),
  capped('garbage-1001.gz', 'invalid_json'),
  capped('40-random.bin', 'invalid_json'),
];
