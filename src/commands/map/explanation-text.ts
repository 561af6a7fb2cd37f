import { relative } from 'node:path';
import type { Screen } from '../../terminal/screen.ts';
import { paragraph, tableOf } from '../../terminal/table.ts';
import { printable } from '../../text/printable.ts';
import type { Explanation } from './explanation.ts';

/** Maximum lines of a cell: a command line or a list may be long, and JSON has all of it. */
const LINES = 4;
/** Members named in a cell. */
const MOST_NAMES = 3;

/** An explanation for people: a table of fields, then the members without one. */
export function explanationText(
  explanation: Explanation,
  screen: Screen,
  { common, kind }: { readonly common: string; readonly kind: string },
): string {
  const { schema, role, fields, kept, left_out: left, masked, warnings } = explanation;
  const about = role === undefined ? '' : ` (${role})`;
  const heading = `${printable(explanation.kind)} → ${schema.toUpperCase()}${about}`;
  const rows = fields.map(({ field, value, from, rules }) => [
    printable(field),
    printable(typeof value === 'string' ? value : JSON.stringify(value)),
    printable(namesOf(from)),
    rules.map((rule) => `${rule.in}:${rule.line}`).join('\n'),
  ]);
  const note = (title: string, text: string): string =>
    text === '' ? '' : paragraph(screen, `${screen.paint('strong', `${title}:`)} ${printable(text)}`, 2);
  const under = kept[0]?.under ?? '';
  return [
    screen.paint('strong', heading),
    ...[`common  ${printable(shortPath(common))}`, `kind    ${printable(shortPath(kind))}`].map((line) =>
      screen.paint('faint', line),
    ),
    '',
    tableOf(screen, [{ head: 'field' }, { head: 'value' }, { head: 'from' }, { head: 'rule' }], rows, {
      lines: LINES,
    }),
    '',
    note(`Kept as is, under ${under}`, kept.map(({ member }) => member).join(', ')),
    ...[...new Set(left.map(({ why }) => why))].map((why) =>
      note(
        `Left out, ${why}`,
        left
          .filter((one) => one.why === why)
          .map(({ member }) => member)
          .join(', '),
      ),
    ),
    note(
      'Masked',
      Object.entries(masked)
        .map(([rule, count]) => `${count} by ${rule}`)
        .join(', '),
    ),
    note('Read with doubts', warnings.join(', ')),
    '',
  ]
    .filter((line, at, lines) => line !== '' || lines[at - 1] !== '')
    .join('\n');
}

function namesOf(from: readonly string[]): string {
  const names = from.slice(0, MOST_NAMES).join(', ');
  return from.length > MOST_NAMES ? `${names} and ${from.length - MOST_NAMES} more` : names;
}

/** Relative to the working directory, if that is shorter. */
function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.length < path.length ? near : path;
}
