/** What happens to a hostile object between two good ones. */
export interface Case {
  /** A file in `inputs/`. */
  readonly name: string;
  /** Exit codes of consecutive runs; the last one reads nothing. */
  readonly exits: readonly number[];
  /** Dead letters at the end, by code. */
  readonly letters: Readonly<Record<string, number>>;
}

const delivered = (name: string): Case => ({ name, exits: [0, 0, 0], letters: {} });

/** The object becomes one letter, or some of its records become one each. */
const buried = (name: string, code: string, count = 1): Case => ({
  name,
  exits: [3, 0, 0],
  letters: { [code]: count },
});

/** Most of it is foreign: ten letters for single faults, and one for the rest. */
const capped = (name: string, code: string): Case => ({
  name,
  exits: [3, 0, 0],
  letters: { [code]: 10, more_faults: 1 },
});

/** An object that cannot be read may be readable tomorrow: three runs try it. */
const unreadable = (name: string): Case => ({
  name,
  exits: [4, 4, 3, 0],
  letters: { object_unreadable: 1 },
});

export const CASES: readonly Case[] = [
  delivered('03-members-zero-padded.json.gz'),
  delivered('32-bigint.ndjson'),
  delivered('34-odd-keys.ndjson'),
  delivered('37-times.ndjson'),
  capped('40-random.bin', 'invalid_json'),
  buried('ansi.ndjson', 'missing_id'),
  delivered('deep-5000obj.json'),
  delivered('escape.json'),
  delivered('eventid-unknown.ndjson'),
  delivered('flattened-limits.ndjson'),
  capped('garbage-1001.gz', 'invalid_json'),
  delivered('group-amplify-100.json'),
  capped('group-scalars-20k.json', 'not_an_object'),
  capped('group-scalars-2k.json', 'not_an_object'),
  delivered('hide-ioc.ndjson'),
  delivered('hostile-fields.ndjson'),
  delivered('infinity.ndjson'),
  delivered('known-kind-with-data.json'),
  delivered('named-members.ndjson'),
  delivered('no-timestamp.ndjson'),
  delivered('preempt.ndjson'),
  delivered('redos-filter.json'),
  delivered('reject-25.ndjson'),
  delivered('victim.ndjson'),
  delivered('waf.ndjson'),
  unreadable('zstd-bad-checksum.zst'),
  unreadable('zstd-endless-tree.zst'),
  buried('zstd-window-1.zst', 'zstd_window_too_large'),
  buried('zstd-window-2000.zst', 'zstd_window_too_large'),
];

/** All of them between the same two good objects. */
export const TOGETHER: Omit<Case, 'name'> = { exits: [4, 4, 3, 0], letters: sum(CASES) };

function sum(cases: readonly Case[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { letters } of cases)
    for (const [code, count] of Object.entries(letters)) all[code] = (all[code] ?? 0) + count;
  return all;
}
