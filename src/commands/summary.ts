import { EXIT } from '../account/exit.ts';
import { FATES, type Fate } from '../account/fates.ts';
import type { Ledger } from '../account/ledger.ts';
import type { Screen } from '../terminal/screen.ts';
import { paragraph, tableOf } from '../terminal/table.ts';
import { counted, grouped, lasting } from '../terminal/words.ts';
import { printable } from '../text/printable.ts';
import type { Again } from './again.ts';

/** Kinds in the table; the others share one row, so that it fits a screen of 24 lines. */
const MOST_KINDS = 8;
/** Names in a sentence. */
const MOST_NAMES = 3;

const WORDS: Record<Fate, string> = {
  delivered: 'delivered',
  duplicate: 'already there',
  filtered: 'left out',
  dead_lettered: 'in the dead letters',
};

/** The result of a run, for people: the verdict first, then its numbers, and what to do next. */
export function summaryOf(ledger: Ledger, screen: Screen, again: Again, details?: string): string {
  if (ledger.command === 'discard' && ledger.error === undefined) return verdictOf(ledger, screen);
  const parts = [
    verdictOf(ledger, screen),
    isMixed(ledger) ? fatesOf(ledger, screen) : '',
    details ?? kindsOf(ledger, screen),
    notesOf(ledger)
      .map((note) => paragraph(screen, note))
      .join('\n'),
    nextOf(ledger, screen, again),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function verdictOf(ledger: Ledger, screen: Screen): string {
  const { error, complete, read, dead_lettered: dead, delivered } = ledger;
  const took = lasting(ledger.duration_seconds);
  const inAll = `Took ${took}.`;
  const say = (style: 'good' | 'warning' | 'bad', verdict: string, rest: string): string =>
    paragraph(screen, `${screen.paint(style, verdict)} ${printable(rest)}`);
  if (error !== undefined) return `${say('bad', 'Stopped:', error)}\n${inAll}`;
  if (!complete)
    return say(
      'warning',
      'Stopped as asked,',
      `after ${counted(read, 'detection')} and ${took}. The next run reads the rest.`,
    );
  if (dead > 0 && ledger.dry_run === true)
    return say(
      'warning',
      `${grouped(dead)} of ${counted(read, 'detection')} would not be delivered.`,
      'Nothing was written.',
    );
  if (dead > 0)
    return say('warning', `${grouped(dead)} of ${counted(read, 'detection')} could not be delivered.`, inAll);
  if (ledger.command === 'discard') return say('good', `${counted(read, 'detection')} discarded.`, inAll);
  if (read === 0) return nothingNew();
  if (delivered === 0) return say('good', 'Nothing new to deliver.', inAll);
  const what = counted(delivered, 'detection');
  return say(
    'good',
    ledger.dry_run ? `${what} would be delivered` : `${what} delivered`,
    `to ${ledger.sink} in ${took}.`,
  );

  function nothingNew(): string {
    if (ledger.command === 'replay') return say('good', 'Nothing to replay.', inAll);
    const known = ledger.counters['objects_known'] ?? 0;
    return say(
      'good',
      'Nothing new.',
      `${known === 0 ? '' : `${counted(known, 'object')} known from before. `}${inAll}`,
    );
  }
}

function isMixed(ledger: Ledger): boolean {
  return FATES.filter((fate) => ledger[fate] > 0).length > 1 || ledger.filtered > 0 || ledger.duplicate > 0;
}

function fatesOf(ledger: Ledger, { paint }: Screen): string {
  const fates = (['delivered', 'duplicate', 'filtered', 'dead_lettered'] as const).filter(
    (fate) => ledger[fate] > 0,
  );
  const width = Math.max(...fates.map((fate) => grouped(ledger[fate]).length));
  return fates
    .map((fate) => {
      const line = `  ${grouped(ledger[fate]).padStart(width)}  ${WORDS[fate]}`;
      if (fate === 'filtered') return `${line}: ${names(ledger.filters)}`;
      return fate === 'dead_lettered' ? paint('warning', line) : line;
    })
    .join('\n');
}

function kindsOf({ kinds }: Ledger, screen: Screen): string {
  if (Object.keys(kinds).length === 0) return '';
  const rows = Object.entries(kinds)
    .map(([kind, by]) => ({ kind, by, sum: FATES.reduce((sum, fate) => sum + (by[fate] ?? 0), 0) }))
    // People look first for what could not be delivered.
    .sort(
      (a, b) =>
        (b.by.dead_lettered ?? 0) - (a.by.dead_lettered ?? 0) || b.sum - a.sum || (a.kind < b.kind ? -1 : 1),
    );
  const columns = FATES.filter((fate) => rows.some(({ by }) => (by[fate] ?? 0) > 0));
  const shown = rows.length > MOST_KINDS + 1 ? rows.slice(0, MOST_KINDS) : rows;
  const others = rows.slice(shown.length);
  const cells = shown.map(({ kind, by }) => [printable(kind), ...columns.map((fate) => by[fate] ?? 0)]);
  if (others.length > 0)
    cells.push([
      `${grouped(others.length)} other kinds`,
      ...columns.map((fate) => others.reduce((sum, { by }) => sum + (by[fate] ?? 0), 0)),
    ]);
  return tableOf(
    screen,
    [{ head: 'kind' }, ...columns.map((fate) => ({ head: WORDS[fate], right: true as const }))],
    cells,
  );
}

/** Anything else worth knowing, besides the fates. */
function notesOf(ledger: Ledger): string[] {
  const { unknown_kinds: unknown, unknown_fields: fields, warnings } = ledger;
  const notes: string[] = [];
  if (Object.keys(unknown).length > 0)
    notes.push(`Kinds without their own mapping, delivered through the generic one: ${names(unknown)}.`);
  if (Object.keys(fields).length > 0)
    notes.push(`Fields that no mapping reads, kept as is: ${names(fields)}.`);
  if (Object.keys(warnings).length > 0) notes.push(`Warnings: ${names(warnings)}.`);
  if (ledger.doubled > 0) notes.push(`${counted(ledger.doubled, 'document')} found in two backing indices.`);
  if (ledger.possibly_duplicated > 0)
    notes.push(`Up to ${counted(ledger.possibly_duplicated, 'document')} may be stored twice.`);
  if (ledger.abandoned_batches > 0)
    notes.push(
      `${counted(ledger.abandoned_batches, 'batch', 'batches')} read but not settled: the next run reads ${ledger.abandoned_batches === 1 ? 'it' : 'them'} again.`,
    );
  return notes;
}

/** The most frequent names with their counts. */
function names(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const some = sorted.slice(0, MOST_NAMES).map(([name, count]) => `${printable(name)} (${grouped(count)})`);
  const rest = sorted.length - some.length;
  return rest > 0 ? `${some.join(', ')} and ${grouped(rest)} more` : some.join(', ');
}

function nextOf(ledger: Ledger, screen: Screen, again: Again): string {
  const next = (why: string, ...commands: string[]): string =>
    [
      paragraph(screen, `${screen.paint('strong', 'Next:')} ${why}`),
      ...commands.map((line) => `  ${line}`),
    ].join('\n');
  if (ledger.dry_run === true && ledger.error === undefined)
    return next('the same command without --dry-run does it.');
  switch (ledger.exit_code) {
    case EXIT.bug:
      return next('this is a bug in stepsecurity-siem. Please report it with the log above.');
    case EXIT.config:
      return next('fix that, run check to confirm, and start it again.', again('check'));
    case EXIT.unavailable:
      return next(
        'start it again once the other side answers; it continues where it stopped.',
        again('check'),
      );
    case EXIT.lease:
      return next('wait until the other run ends, and start it again.', again('state show'));
    case EXIT.deadLettered:
      return next(
        'see why, fix the mapping or the destination, and send them again.',
        again('dead-letters list'),
        again('dead-letters replay'),
      );
    default:
      return '';
  }
}
