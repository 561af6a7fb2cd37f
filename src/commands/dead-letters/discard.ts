import { EXIT } from '../../account/exit.ts';
import type { Ledger } from '../../account/ledger.ts';
import { addFate, count, createTally, type Tally, UNDECODABLE } from '../../account/tally.ts';
import type { Route } from '../../config/route.ts';
import { ConfigError } from '../../contracts/errors.ts';
import type { DeadLetters } from '../../letters/dead-letters.ts';
import { countOf, type DeadLetter } from '../../letters/letter.ts';
import { conclude } from '../../session/conclude.ts';
import { withoutRun } from '../../session/lease.ts';
import { openSession, type Session } from '../../session/session.ts';
import { openLetters } from '../../session/stores.ts';
import { counted, grouped } from '../../terminal/words.ts';
import { printable } from '../../text/printable.ts';
import { createUidSet, type UidSet } from '../../text/uid-set.ts';
import { checkIds, chooseLetters, isEverything, type LetterChoice } from './choice.ts';

export interface DiscardOptions {
  readonly route: Route;
  readonly choice: LetterChoice;
  /** Asks whether to go ahead with what was just announced. Throws `ConfigError` if there is no one to ask. */
  readonly agree: () => Promise<boolean>;
  /** Announces what was chosen, before asking. */
  readonly say: (line: string) => void;
  readonly report: (ledger: Ledger) => void;
}

/** The filter that discarded letters count under in the ledger. */
const DISCARDED = 'discarded';

/**
 * Permanently removes the chosen letters after saying how many there are: only those that existed when it asked,
 * because no one has agreed to any later ones. Reports the ledger and returns the exit code: 5 if a run is active.
 */
export async function discard(options: DiscardOptions): Promise<number> {
  const { route, choice, say, report } = options;
  if (isEverything(choice))
    throw new ConfigError(
      'dead-letters discard: choose letters by id or with --kind, --stage, --reason, --origin, --older-than or --newer-than',
    );
  const session = openSession(route);
  const { stop } = session.signals;
  const tally = createTally();
  let error: unknown;
  let complete = false;
  try {
    const letters = await openLetters(session);
    const meant = await look(letters, choice, say);
    if (meant.size > 0 && !(await options.agree())) {
      session.close();
      say('nothing was changed');
      return EXIT.ok;
    }
    complete =
      meant.size === 0 ||
      (await withoutRun(session, { stateRequired: false }, () => remove(letters, meant, session, tally)));
    if (!complete) error = stop.reason;
  } catch (failed) {
    error = failed;
  }
  session.close();
  return conclude(session, report, { command: 'discard', tally, error, complete });
}

/** Announces what was chosen, by reason, and returns the ids. */
async function look(
  letters: DeadLetters,
  choice: LetterChoice,
  say: (line: string) => void,
): Promise<UidSet> {
  if (choice.ids !== undefined) await checkIds(letters, choice.ids);
  const isChosen = chooseLetters(choice);
  const meant = createUidSet();
  const byReason = new Map<string, number>();
  let parts = 0;
  for await (const file of letters.files()) {
    for (const letter of file.letters) {
      if (!isChosen(letter) || !meant.add(letter.id)) continue;
      parts += countOf(letter);
      count(byReason, printable(`${letter.code} (${letter.kind ?? letter.stage})`));
    }
  }
  if (meant.size === 0) say('no dead letter matches');
  else {
    say(
      `${counted(meant.size, 'dead letter')}${parts === meant.size ? '' : `, for ${counted(parts, 'detection or part of an object', 'detections or parts of objects')}`}:`,
    );
    for (const [reason, by] of [...byReason].sort(([, a], [, b]) => b - a))
      say(`  ${grouped(by)} × ${reason}`);
  }
  return meant;
}

/** Returns false if it was told to stop before the end. */
async function remove(
  letters: DeadLetters,
  meant: UidSet,
  { signals: { stop, abort } }: Session,
  tally: Tally,
): Promise<boolean> {
  const gone = createUidSet();
  for await (const { name } of letters.files()) {
    abort.throwIfAborted();
    if (stop.aborted) return false;
    for (const letter of await letters.discard(name, ({ id }) => meant.has(id)))
      if (gone.add(letter.id)) account(letter, tally);
  }
  return true;
}

function account(letter: DeadLetter, tally: Tally): void {
  const parts = countOf(letter);
  tally.read += parts;
  addFate(tally, letter.kind ?? UNDECODABLE, 'filtered', parts);
  count(tally.filters, DISCARDED, parts);
}
