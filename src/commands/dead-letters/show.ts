import { ConfigError } from '../../contracts/errors.ts';
import { shownLetter } from '../../letters/letter.ts';
import type { Session } from '../../session/session.ts';
import { openLetters } from '../../session/stores.ts';
import { printableJson } from '../../text/printable.ts';
import { checkIds, chooseLetters, type LetterChoice } from './choice.ts';
import { eachLetter } from './each-letter.ts';

/** The chosen letters, each with its text. Throws `ConfigError` if there is none, or if one of the ids matches none. */
export async function showLetters(
  session: Session,
  choice: LetterChoice,
  print: (line: string) => void,
): Promise<void> {
  if (choice.ids !== undefined) await checkIds(await openLetters(session, 'read'), choice.ids);
  const isChosen = chooseLetters(choice);
  let found = 0;
  for await (const letter of eachLetter(session)) {
    if (!isChosen(letter)) continue;
    print(printableJson(shownLetter(letter), 2));
    found += 1;
  }
  if (found === 0) throw new ConfigError('no dead letter matches');
}
