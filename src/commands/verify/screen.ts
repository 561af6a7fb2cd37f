import type { Screen } from '../../terminal/screen.ts';
import { paragraph, tableOf } from '../../terminal/table.ts';
import { counted, grouped } from '../../terminal/words.ts';
import { printable } from '../../text/printable.ts';
import type { Again } from '../again.ts';
import { type Counts, VERDICTS, type Verdict, type Verification } from './verification.ts';

const COLUMNS: Record<Verdict, string> = {
  stored: 'stored',
  duplicate: 'exported twice',
  failed: 'in failure store',
  dead_lettered: 'dead letter',
  discarded: 'discarded',
  dropped: 'dropped',
  repaired: 'repaired',
  unknown: 'unknown',
  differs: 'differs',
  missing: 'missing',
};

/** Verdicts that need no explanation. */
const FINE: ReadonlySet<string> = new Set<Verdict>(['stored', 'duplicate']);

/** For people: the verdict, the kinds and days that need an explanation, and what to do. */
export function verificationScreen(account: Verification, screen: Screen, again: Again): string {
  // If something else stopped it, there is no question to ask.
  const isAsked = account.unknown > 0 || account.repair;
  const parts = [
    verdictOf(account, screen),
    tableOfDays(account, screen),
    isAsked ? (account.search ?? '') : '',
    nextOf(account, screen, again),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function verdictOf(account: Verification, screen: Screen): string {
  const { exported, stored, duplicate, missing, differs, unknown, filtered, error, counters } = account;
  const all = grouped(exported);
  const say = (style: 'good' | 'warning' | 'bad', text: string, rest = ''): string =>
    paragraph(screen, `${screen.paint(style, text)}${rest === '' ? '' : ` ${rest}`}`);
  const sentences: string[] = [];
  if (error !== undefined) sentences.push(say('bad', 'Stopped before the end:', printable(error)));
  if (missing > 0)
    sentences.push(say('bad', `${grouped(missing)} of ${all} ${missing === 1 ? 'is' : 'are'} missing.`));
  if (differs > 0)
    sentences.push(
      say(
        'bad',
        `${grouped(differs)} of ${all} ${differs === 1 ? 'differs' : 'differ'} from what is stored.`,
      ),
    );
  if (unknown > 0)
    sentences.push(
      say(
        'warning',
        `The destination cannot be asked about ${grouped(unknown)} of ${all}:`,
        'use the search below.',
      ),
    );
  if (sentences.length === 0) sentences.push(goodNews());
  if (filtered > 0)
    sentences.push(
      paragraph(
        screen,
        `${counted(filtered, 'detection')} of the source ${filtered === 1 ? 'is' : 'are'} outside the range or excluded by a filter.`,
      ),
    );
  return sentences.join('\n');

  function goodNews(): string {
    if (exported === 0) return say('warning', 'The source contains no detection in this range.');
    const once = exported - duplicate;
    if (stored < once)
      return say(
        'good',
        `Nothing is missing: ${all} exported, ${grouped(stored)} stored,`,
        'the others are explained below.',
      );
    if ((counters['doubled'] ?? 0) > 0)
      return say(
        'warning',
        `Nothing is missing, but ${counted(counters['doubled'] ?? 0, 'document')} found in two backing indices.`,
      );
    return say('good', `Everything exported is stored once: ${grouped(stored)} of ${grouped(once)}.`);
  }
}

function tableOfDays({ kinds, ...totals }: Verification, screen: Screen): string {
  const days = Object.entries(kinds).flatMap(([kind, byDay]) =>
    Object.entries(byDay).map(([day, counts]) => ({ kind, day, counts })),
  );
  const open = days.filter(({ counts }) =>
    VERDICTS.some((verdict) => !FINE.has(verdict) && counts[verdict] > 0),
  );
  const fine = days.length - open.length;
  if (open.length === 0) return '';
  const verdicts = VERDICTS.filter((verdict) => totals[verdict] > 0);
  const cells = (counts: Counts) => [counts.exported, ...verdicts.map((verdict) => counts[verdict])];
  const number = (head: string) => ({ head, right: true as const });
  const table = tableOf(
    screen,
    [
      { head: 'kind' },
      { head: 'day' },
      number('exported'),
      ...verdicts.map((verdict) => number(COLUMNS[verdict])),
    ],
    [
      ...open.map(({ kind, day, counts }) => [printable(kind), day, ...cells(counts)]),
      ['total', '', ...cells(totals)],
    ],
    { total: true },
  );
  if (fine === 0) return table;
  return `${table}\n${screen.paint('faint', `Everything is stored for ${counted(fine, 'other kind and day', 'other kinds and days')}; --json lists them too.`)}`;
}

function nextOf(account: Verification, screen: Screen, again: Again): string {
  const { missing, differs, dead_lettered: dead, failed, repair } = account;
  const range = `--from ${brief(account.from)} --to ${brief(account.to)}`;
  const steps: (readonly [what: string, command?: string])[] = [];
  if (missing > 0 && !repair) steps.push(['send what is missing:', again(`verify ${range} --repair`)]);
  if (differs > 0)
    steps.push([
      'compare both origins of what differs, and find out who wrote the stored one:',
      again(`verify ${range} --uids uids.csv`),
    ]);
  if (dead > 0) steps.push(['see why some are in the dead letters:', again('dead-letters list')]);
  if (failed > 0)
    steps.push(['look in the failure store of the data stream for what Elasticsearch refused later.']);
  return steps
    .flatMap(([what, command], at) => [
      paragraph(screen, `${screen.paint('strong', at === 0 ? 'Next:' : 'And:')} ${what}`),
      ...(command === undefined ? [] : [`  ${command}`]),
    ])
    .join('\n');
}

/** A time as a person would write it. */
function brief(iso: string): string {
  return iso.replace(/T00:00:00\.000Z$/, '');
}
