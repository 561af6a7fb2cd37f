import { basename, relative } from 'node:path';
import type { Ledger } from '../../account/ledger.ts';
import type { Schema } from '../../contracts/schema.ts';
import { SEVERITIES, type Severity } from '../../detections/severity.ts';
import type { Screen } from '../../terminal/screen.ts';
import { paragraph, tableOf } from '../../terminal/table.ts';
import { counted, grouped, lasting } from '../../terminal/words.ts';
import { printable } from '../../text/printable.ts';

/** A member of the payload and the field it became, each with its value. */
export interface Pair {
  readonly before: string;
  readonly after: string;
}

/** How many detections of each kind were seen, by severity. */
export type Seen = ReadonlyMap<Severity, ReadonlyMap<string, number>>;

/** Kinds named in a row, if there is room. */
const MOST_KINDS = 3;
/** Width of the severity and count columns. */
const FIRST_COLUMNS = 23;

/** What a run did, in one sentence. */
export function verdict(screen: Screen, ledger: Ledger, out: string): string {
  const kinds = counted(Object.keys(ledger.kinds).length, 'kind');
  const done = screen.paint('good', `${counted(ledger.delivered, 'detection')} of ${kinds} delivered`);
  const account = `${grouped(ledger.read)} read, ${grouped(ledger.dead_lettered)} in the dead letters`;
  return paragraph(
    screen,
    `${done} to ${printable(out)}/, one file per kind, in ${lasting(ledger.duration_seconds)}: ${account}.`,
  );
}

/** A line for each pair; text too long for its half is truncated. */
export function pairTable(screen: Screen, schema: Schema, pairs: readonly Pair[]): string {
  const half = Math.floor((screen.width - 2) / 2);
  const cut = (text: string): string =>
    text.length > half ? `${printable(text).slice(0, half - 1)}…` : printable(text);
  return tableOf(
    screen,
    [{ head: 'as exported' }, { head: `in ${schema.toUpperCase()}` }],
    pairs.map(({ before, after }) => [cut(before), cut(after)]),
  );
}

export function severityTable(screen: Screen, seen: Seen): string {
  const rows = SEVERITIES.toReversed().flatMap((severity) => {
    const kinds = [...(seen.get(severity) ?? [])].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    if (kinds.length === 0) return [];
    const sum = kinds.reduce((all, [, count]) => all + count, 0);
    const names = kinds.map(([kind]) => printable(kind));
    return [[severity, sum, someOf(names, screen.width - FIRST_COLUMNS)]];
  });
  return tableOf(
    screen,
    [{ head: 'severity' }, { head: 'detections', right: true }, { head: 'kinds' }],
    rows,
  );
}

/** As many names as fit. */
function someOf(names: readonly string[], width: number): string {
  for (let count = Math.min(MOST_KINDS, names.length); ; count -= 1) {
    const some = names.slice(0, count).join(', ');
    const text = count === names.length ? some : `${some} and ${names.length - count} more`;
    if (text.length <= width || count <= 1) return text;
  }
}

/** Commands to copy, written the way this program was started. */
export function nextCommands(screen: Screen, schema: Schema, samples: string): string {
  const other = schema === 'cim' ? 'ecs' : 'cim';
  const [, started = ''] = process.argv;
  const program = basename(started) === 'cli.js' ? `node ${near(started)}` : 'stepsecurity-siem';
  return [
    `${screen.paint('strong', 'Next:')} which rule wrote each field; the same in ${other.toUpperCase()}; your own configuration.`,
    `  ${program} map --explain ${near(samples)}/reverse-shell.ndjson`,
    `  ${program} demo --to ${other}`,
    `  ${program} init`,
  ].join('\n');
}

function near(path: string): string {
  const from = relative(process.cwd(), path);
  return from.startsWith('..') ? path : from;
}
