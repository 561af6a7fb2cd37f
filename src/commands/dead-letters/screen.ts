import { type DeadLetter, shownLetter } from '../../letters/letter.ts';
import type { Screen } from '../../terminal/screen.ts';
import { paragraph, tableOf } from '../../terminal/table.ts';
import { counted, grouped } from '../../terminal/words.ts';
import { printable } from '../../text/printable.ts';
import type { Again } from '../again.ts';

/** Reasons in the first sentence. */
const MOST_REASONS = 5;
/** Maximum lines of a reason or an origin; `show` prints all of it. */
const LINES = 3;

/** How many letters there are and why, the latest of them in order of time, and what to do. */
export function lettersScreen(
  latest: readonly DeadLetter[],
  reasons: ReadonlyMap<string, number>,
  screen: Screen,
  again: Again,
): string {
  const count = [...reasons.values()].reduce((sum, one) => sum + one, 0);
  if (count === 0) return screen.paint('good', 'No dead letters.');
  const verdict = screen.paint('warning', `${counted(count, 'dead letter')}:`);
  const left = count - latest.length;
  const id = latest.at(-1)?.id.slice(0, 8) ?? '';
  return [
    paragraph(screen, `${verdict} ${inWords(reasons)}.`),
    lettersTable(latest, screen),
    ...(left > 0 ? [`These are the latest; --json also lists the other ${grouped(left)}.`] : []),
    [
      `${screen.paint('strong', 'Next:')} look at one with its text, or send them again.`,
      `  ${again(`dead-letters show ${id}`)}`,
      `  ${again('dead-letters replay')}`,
    ].join('\n'),
  ].join('\n\n');
}

function inWords(reasons: ReadonlyMap<string, number>): string {
  const sorted = [...reasons].sort(([, a], [, b]) => b - a);
  const some = sorted.slice(0, MOST_REASONS).map(([reason, by]) => `${grouped(by)} ${printable(reason)}`);
  const others = sorted.length - some.length;
  return others > 0 ? `${some.join(', ')} and ${counted(others, 'other reason')}` : some.join(', ');
}

/** Each letter takes three rows: what, why, and where it came from. */
function lettersTable(letters: readonly DeadLetter[], screen: Screen): string {
  const rows = letters
    .map(shownLetter)
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .flatMap(({ id, at, stage, kind, code, reason, origin }) => {
      const place =
        origin.index === undefined ? `${origin.offset}` : `${origin.offset} data[${origin.index}]`;
      const what = kind === undefined ? stage : `${stage}: ${printable(kind)}`;
      return [
        [id.slice(0, 8), at.slice(0, 16).replace('T', ' '), screen.paint('strong', what)],
        ['', '', printable(`${code}: ${reason}`)],
        ['', '', screen.paint('faint', printable(`${origin.uri} @${place}`))],
      ];
    });
  const columns = [{ head: 'id' }, { head: 'at (UTC)' }, { head: 'what, why, and where from' }];
  return tableOf(screen, columns, rows, { lines: LINES });
}
