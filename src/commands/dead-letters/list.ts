import { countOf, type DeadLetter, shownLetter } from '../../letters/letter.ts';
import type { Session } from '../../session/session.ts';
import { openLetters } from '../../session/stores.ts';
import type { Screen } from '../../terminal/screen.ts';
import { counted } from '../../terminal/words.ts';
import { printableJson } from '../../text/printable.ts';
import { createUidSet } from '../../text/uid-set.ts';
import type { Again } from '../again.ts';
import { chooseLetters, type LetterChoice } from './choice.ts';
import { eachLetter } from './each-letter.ts';
import { lettersScreen } from './screen.ts';

/** Maximum letters on a screen: no one reads more than these, and memory stays bounded. */
const MOST_SHOWN = 100;

export interface ListOptions {
  readonly choice: LetterChoice;
  /** If absent, prints each letter as a line of JSON. */
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
  const present = createUidSet();
  for await (const letter of eachLetter(session)) {
    present.add(letter.id);
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
  if (screen === undefined) return;
  let discarded = 0;
  // A discarded letter that came back is a letter again, and one discarded twice counts once.
  for await (const trace of (await openLetters(session, 'read')).discarded())
    if (isChosen(trace) && present.add(trace.id)) discarded += countOf(trace);
  print(lettersScreen(latest, reasons, screen, again));
  if (discarded > 0) print(`\nDiscarded earlier: ${counted(discarded, 'detection')}.`);
}
