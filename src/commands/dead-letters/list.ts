import { type DeadLetter, shownLetter } from '../../letters/letter.ts';
import type { Session } from '../../session/session.ts';
import type { Screen } from '../../terminal/screen.ts';
import { printableJson } from '../../text/printable.ts';
import type { Again } from '../again.ts';
import { chooseLetters, type LetterChoice } from './choice.ts';
import { eachLetter } from './each-letter.ts';
import { lettersScreen } from './screen.ts';

/** Letters on a screen: of more than these nobody looks at all, and memory stays bounded. */
const MOST_SHOWN = 100;

export interface ListOptions {
  readonly choice: LetterChoice;
  /** Absent: each letter is a line of JSON. */
  readonly screen: Screen | undefined;
  readonly again: Again;
  readonly print: (line: string) => void;
}

/** Lists the chosen letters; for people, how many there are and why, and the latest of them. */
export async function listLetters(
  session: Session,
  { choice, screen, again, print }: ListOptions,
): Promise<void> {
  const latest: DeadLetter[] = [];
  const reasons = new Map<string, number>();
  const isChosen = chooseLetters(choice);
  for await (const letter of eachLetter(session)) {
    if (!isChosen(letter)) continue;
    if (screen === undefined) {
      print(printableJson(shownLetter(letter)));
      continue;
    }
    const reason = `${letter.code} (${letter.stage})`;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    latest.push({ ...letter, text: '' });
    if (latest.length > MOST_SHOWN) latest.shift();
  }
  if (screen !== undefined) print(lettersScreen(latest, reasons, screen, again));
}
