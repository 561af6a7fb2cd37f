import { describeError, EXIT, exitCodeOf, headlineOf } from '../account/exit.ts';
import { closeLedger, type Ledger, type LedgerInput } from '../account/ledger.ts';
import type { Tally } from '../account/tally.ts';
import { spoken } from '../redaction/spoken.ts';
import type { Session } from './session.ts';

/** How a command, or one pass of it, ended. */
export interface Ending {
  readonly command: Ledger['command'];
  /** When the pass started, for commands that make several. */
  readonly started?: number;
  readonly tally: Tally;
  readonly error?: unknown;
  /** Ran to the end. If a signal stopped it, it must be run again (exit 4). */
  readonly complete: boolean;
  /** Batches that were read and then abandoned. */
  readonly unacked?: number;
  readonly checkpoint?: Ledger['checkpoint'];
  readonly dryRun?: true;
  /** Also receives the ledger. */
  readonly closed?: ((ledger: Ledger) => void) | undefined;
}

/** Logs what went wrong, reports the ledger, and gives the exit code. Never throws. */
export function conclude(session: Session, report: (ledger: Ledger) => void, ending: Ending): number {
  const { log } = session.context;
  const { error } = ending;
  const exitCode = exitCodeOf(error, ending.tally.dead_lettered);
  const reason = error === undefined ? undefined : describeError(error);
  if (reason !== undefined) log.error({ exit_code: exitCode, reason }, `the ${ending.command} stopped`);
  else if (ending.tally.dead_lettered > 0 && ending.dryRun !== true) {
    log.error(
      { dead_lettered: ending.tally.dead_lettered },
      'some detections were dead-lettered; see dead-letters list',
    );
  }
  try {
    const ledger = closeLedger(accountOf(session, ending));
    report(ledger);
    ending.closed?.(ledger);
    return exitCode;
  } catch (bug) {
    log.error({ reason: describeError(bug) }, 'the ledger could not be closed');
    return EXIT.bug;
  }
}

/** The numbers the ledger of an ending is built from. */
export function accountOf({ route, meter, started }: Session, ending: Ending): LedgerInput {
  const { error, checkpoint, unacked = 0, closed: _, ...rest } = ending;
  return {
    started,
    ...rest,
    exitCode: exitCodeOf(error, ending.tally.dead_lettered),
    ...(error === undefined ? {} : { error: headlineOf(describeError(error)) }),
    source: spoken(route.source.name),
    sink: spoken(route.sink.name),
    abandoned: unacked,
    counters: meter.counts,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
}
