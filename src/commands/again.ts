import { spoken } from '../redaction/spoken.ts';
import { shellWord } from '../text/shell-word.ts';
import { FLAGS, type FlagValues } from './flags.ts';

/** A command line to copy, with the same source, sink and state as the original. */
export type Again = (words: string) => string;

export function againWith(flags: FlagValues): Again {
  const names = ['config', ...Object.keys(FLAGS)] as const;
  const given = names.flatMap((name): string[] => {
    const value = flags[name as keyof typeof FLAGS];
    return value === undefined ? [] : [`--${name}`, value];
  });
  const all = [...given, ...(flags.set ?? []).flatMap((text) => ['--set', text])];
  return (words) => ['stepsecurity-siem', words, ...all.map((word) => shellWord(spoken(word)))].join(' ');
}
