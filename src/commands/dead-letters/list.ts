import Table from 'cli-table3';
import { type DeadLetter, shownLetter } from '../../letters/letter.ts';
import type { Session } from '../../session/session.ts';
import { printable } from '../../text/printable.ts';
import { chooseLetters, type LetterChoice } from './choice.ts';
import { eachLetter } from './each-letter.ts';

/** Letters in one table: of more than these nobody looks at all, and memory stays bounded. */
const TABLE_ROWS = 1_000;

/** Tables of the chosen letters, each in the order of time. */
export async function listLetters(
  session: Session,
  choice: LetterChoice,
  print: (line: string) => void,
): Promise<void> {
  const isChosen = chooseLetters(choice);
  let rows: DeadLetter[] = [];
  let count = 0;
  for await (const letter of eachLetter(session)) {
    if (!isChosen(letter)) continue;
    rows.push({ ...letter, text: '' });
    count += 1;
    if (rows.length < TABLE_ROWS) continue;
    print(tableOf(rows));
    rows = [];
  }
  if (rows.length > 0) print(tableOf(rows));
  print(count === 0 ? 'no dead letters' : `${count} dead letters`);
}

function tableOf(letters: readonly DeadLetter[]): string {
  const table = new Table({
    head: ['id', 'at', 'stage', 'kind', 'reason', 'origin'],
    style: { head: [], border: [] },
    colWidths: [10, 22, 8, 24, 44, 40],
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  for (const letter of letters.map(shownLetter).toSorted((a, b) => (a.at < b.at ? -1 : 1))) {
    const { id, at, stage, kind, code, reason, origin } = letter;
    const place = origin.index === undefined ? `${origin.offset}` : `${origin.offset} data[${origin.index}]`;
    table.push([
      id.slice(0, 8),
      at.slice(0, 19),
      stage,
      printable(kind ?? ''),
      printable(`${code}: ${reason}`),
      printable(`${origin.uri} @${place}`),
    ]);
  }
  return table.toString();
}
