import type { Ledger } from '../../../account/ledger.ts';
import { createTally, type Tally } from '../../../account/tally.ts';
import type { Route } from '../../../config/route.ts';
import { createBurial } from '../../../letters/burial.ts';
import type { DeadLetter } from '../../../letters/letter.ts';
import { createBugs } from '../../../pipeline/bugs.ts';
import { lookUpStage } from '../../../pipeline/look-ups.ts';
import { conclude } from '../../../session/conclude.ts';
import { type Ends, withEnds } from '../../../session/ends.ts';
import { withoutRun } from '../../../session/lease.ts';
import { recollection } from '../../../session/recollection.ts';
import { openSession, type Session } from '../../../session/session.ts';
import { transformFor } from '../../../session/transform.ts';
import { checkIds, chooseLetters, type LetterChoice } from '../choice.ts';
import { replayFile } from './file.ts';
import { accountForSuperseded, settling } from './superseded.ts';
import { replayFiles, replayNamed } from './tries.ts';

export interface ReplayOptions {
  readonly route: Route;
  /** Which letters; default: all. */
  readonly choice?: LetterChoice;
  readonly report: (ledger: Ledger) => void;
}

/**
 * Resends dead letters through the current mapping and removes those that are settled. The origin is read again if it
 * still exists, because the letter's text is redacted; the stored text is used only if the origin is gone. A letter
 * about replaced content is settled once a run has read the replacement. Reports the ledger and returns the exit code:
 * 5 if a run is active.
 */
export async function replay({ route, choice = {}, report }: ReplayOptions): Promise<number> {
  const session = openSession(route);
  const { stop } = session.signals;
  const tally = createTally();
  let error: unknown;
  let complete = false;
  try {
    complete = await withoutRun(session, { stateRequired: false }, async () =>
      withEnds(session, await recollection(session), (ends) => replayAll(session, ends, choice, tally)),
    );
    if (!complete) error = stop.reason;
  } catch (failed) {
    error = failed;
  }
  session.close();
  return conclude(session, report, { command: 'replay', tally, error, complete });
}

/** Returns false if it was told to stop before the end. */
async function replayAll(session: Session, ends: Ends, choice: LetterChoice, tally: Tally): Promise<boolean> {
  const { route, context, signals } = session;
  const { stop } = signals;
  const { source, sink, deadLetters: letters } = ends;
  const { log, abort: signal } = context;
  const transform = transformFor(route);
  const stages = { ...transform, ...lookUpStage(ends, transform, session), sink, bugs: createBugs(log) };
  const burial = createBurial({
    deadLetters: letters,
    log,
    maxPerRun: Number.POSITIVE_INFINITY,
    redactor: transform.redactor,
  });
  if (choice.ids !== undefined) await checkIds(letters, choice.ids);
  const settle = settling({ source, stages, stop, log });
  const replaying = {
    letters,
    isChosen: chooseLetters(choice),
    send: async (some: readonly DeadLetter[]) => {
      const { superseded, others } = await settle(some);
      const sent = await replayFile(others, { source, stages, burial, stop, signal });
      for (const letter of superseded) accountForSuperseded(letter, sent.tally);
      return sent;
    },
    stop,
    log,
    tally,
  };
  return choice.ids === undefined ? replayFiles(replaying) : replayNamed(replaying);
}
