import { type FlagValues, overridesOf } from './flags.ts';

/** A command line that has the same source, sink and state as the one that was given, to copy. */
export type Again = (words: string) => string;

const PLAIN = /^[\w./:@%+=,-]+$/;

export function againWith(flags: FlagValues): Again {
  const config = flags.config === undefined ? '' : ` --config ${quoted(flags.config)}`;
  const others = overridesOf(flags).length > 0 ? ' (and the other flags of this command)' : '';
  return (words) => `stepsecurity-siem ${words}${config}${others}`;
}

/** As a shell takes it. */
function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
