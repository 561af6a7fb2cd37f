import { ConfigError, messageOf } from '../../contracts/errors.ts';
import { parseDuration } from '../../options/duration.ts';
import { chooseLetters, type LetterChoice } from './choice.ts';
import type { ChoiceFlags } from './choice-flags.ts';

/** Throws `ConfigError`, naming the flag. */
export function parseChoice(flags: ChoiceFlags): LetterChoice {
  const { ids, kind, stage, reason, origin } = flags;
  const choice: LetterChoice = {
    ids: ids === undefined || ids.length === 0 ? undefined : ids,
    kinds: kind,
    stages: stage,
    codes: reason,
    origins: origin,
    olderThan: age('--older-than', flags['older-than']),
    newerThan: age('--newer-than', flags['newer-than']),
  };
  if (ids?.includes('')) throw new ConfigError('an id is empty: give at least its first character');
  try {
    chooseLetters(choice);
  } catch (error) {
    throw new ConfigError(`--origin: ${messageOf(error)}`, { cause: error });
  }
  return choice;
}

function age(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw new ConfigError(`${flag}: expected a duration such as 30d, 12h or 90m`);
  return ms;
}
