import type { DeadLetter } from '../../letters/letter.ts';
import type { Session } from '../../session/session.ts';
import { openLetters } from '../../session/stores.ts';
import { createUidSet } from '../../text/uid-set.ts';

/** Each letter once: batches of two runs may have stored the same one. */
export async function* eachLetter(session: Session): AsyncGenerator<DeadLetter, void, undefined> {
  const ids = createUidSet();
  for await (const { letters } of (await openLetters(session, 'read')).files()) {
    for (const letter of letters) if (ids.add(letter.id)) yield letter;
  }
}
