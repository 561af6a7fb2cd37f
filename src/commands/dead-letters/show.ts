import { shownLetter } from '../../letters/letter.ts';
import type { Session } from '../../session/session.ts';
import { printable, printableJson } from '../../text/printable.ts';
import { eachLetter } from './each-letter.ts';

/** The letters whose id begins so, each with its text; false when there is none. */
export async function showLetters(
  session: Session,
  id: string,
  print: (line: string) => void,
): Promise<boolean> {
  let found = 0;
  for await (const letter of eachLetter(session)) {
    if (!letter.id.startsWith(id)) continue;
    print(printableJson(shownLetter(letter), 2));
    found += 1;
  }
  if (found > 0) return true;
  process.stderr.write(`no dead letter has an id that begins with "${printable(id)}"\n`);
  return false;
}
