import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { exitCodeOf } from '../account/exit.ts';
import { heartbeatOf } from '../account/heartbeat.ts';
import { closeLedger } from '../account/ledger.ts';
import { createTally, fold } from '../account/tally.ts';
import { messageOf } from '../contracts/errors.ts';
import type { Sink } from '../contracts/types.ts';
import { VERSION } from '../contracts/version.ts';
import { accountOf, type Ending } from '../session/conclude.ts';
import type { Session } from '../session/session.ts';
import { anySignal } from '../session/signals.ts';

/** The longest that anything waits for a heartbeat. */
const PATIENCE_MS = 2_000;
/** Passes within this time share one heartbeat. */
const INTERVAL_MS = 300_000;

export interface Heart {
  /** Adds a pass, and sends a heartbeat for all passes since the last one if it is due or no pass follows. */
  readonly pass: (ending: Ending, last: boolean) => Promise<void>;
  /** No pass follows: sends what has not been sent. */
  readonly end: () => Promise<void>;
}

/** Tells the destination how the passes went. A failure to do so is a warning and changes nothing. Never throws. */
export function createHeart(session: Session, sink: Pick<Sink, 'heartbeat'>): Heart {
  const { route, context } = session;
  const writer = randomUUID();
  let sequence = 0;
  let told = Number.NEGATIVE_INFINITY;
  let since = nothingYet();

  async function tell(): Promise<void> {
    const { ending, passes, tally, counters, abandoned, started } = since;
    since = nothingYet();
    told = Date.now();
    if (ending === undefined || context.abort.aborted) return;
    const account = { ...accountOf(session, ending), tally, counters, abandoned, started };
    // For all passes since the last heartbeat: the next pass does not undo a dead letter of an earlier one.
    const exitCode = exitCodeOf(ending.error, tally.dead_lettered);
    const beat = heartbeatOf(closeLedger({ ...account, exitCode }, told), {
      id: `${writer}-${(sequence += 1)}`,
      configuration: route.name,
      version: VERSION,
      host: hostname(),
      passes,
    });
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new Error(`no answer within ${PATIENCE_MS / 1_000} s`)),
      PATIENCE_MS,
    );
    try {
      await sink.heartbeat?.(beat, anySignal(context.abort, late.signal));
    } finally {
      clearTimeout(timer);
    }
  }

  const tellOrWarn = (): Promise<void> =>
    tell().catch((error: unknown) =>
      context.log.warn(
        { reason: messageOf(error) },
        'the heartbeat was not stored; nothing else is affected',
      ),
    );

  return {
    async pass(ending, last) {
      if (sink.heartbeat === undefined) return;
      fold(since.tally, ending.tally);
      for (const [name, count] of session.meter.counts)
        since.counters.set(name, (since.counters.get(name) ?? 0) + count);
      since.started = Math.min(since.started, ending.started ?? session.started);
      since.abandoned += ending.unacked ?? 0;
      since.passes += 1;
      since.ending = ending;
      if (last || Date.now() - told >= INTERVAL_MS) await tellOrWarn();
    },
    async end() {
      if (since.passes > 0) await tellOrWarn();
    },
  };
}

function nothingYet() {
  return {
    ending: undefined as Ending | undefined,
    tally: createTally(),
    counters: new Map<string, number>(),
    started: Number.POSITIVE_INFINITY,
    abandoned: 0,
    passes: 0,
  };
}
