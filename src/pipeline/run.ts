import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/schema.ts';
import { UnavailableError } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';
import { createBurial } from '../letters/burial.ts';
import { sinkOf } from '../sinks/index.ts';
import { sourceOf } from '../sources/index.ts';
import { printableJson } from '../text/printable.ts';
import { createBugs } from './bugs.ts';
import { type CatchUp, catchUp } from './catch-up.ts';
import { describeError, EXIT, exitCodeOf } from './exit.ts';
import { closeLedger, type Ledger } from './ledger.ts';
import { createLog } from './log.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { listenForSignals, type Signals } from './signals.ts';
import { type Stages } from './stages.ts';
import { newTally } from './tally.ts';

export interface RunOptions {
  readonly config: Config;
  readonly command: Ledger['command'];
  readonly name: string;
  readonly session: Pick<SessionOptions, 'stateRequired' | 'backfill' | 'shard' | 'again'>;
  /** Stages beside those of the session and the run itself. */
  readonly stages: (session: Session) => Omit<Stages, 'sink' | 'burial' | 'bugs'>;
  /** Keep polling; each pass has its ledger. */
  readonly follow?: boolean;
  /** Called once the session is open; returns what to close at the end of it. */
  readonly opened?: (session: Session) => Promise<Opened | undefined>;
  readonly print: (line: string) => void;
}

export interface Opened {
  /** Nothing is left to do, and why: the run ends at once, with exit 0. */
  readonly nothingToDo?: string;
  readonly closing?: () => ReadonlyMap<string, Buffer | null>;
  readonly acked?: (pass: { readonly documents: number }) => void;
  readonly finish?: () => void;
}

/** Runs until caught up (or for ever), prints the ledger of each pass, and returns the exit code. Never throws. */
export async function run(options: RunOptions): Promise<number> {
  const { config } = options;
  const log = createLog(config.log.level);
  const signals = listenForSignals(config.pipeline.grace);
  const started = Date.now();
  let session: Session;
  try {
    session = await openSession({ ...options.session, config, log, signals, name: options.name });
  } catch (error) {
    signals.dispose();
    return conclude(options, log, {
      started,
      pass: { tally: newTally(), unacked: 0, totals: {}, clean: false, complete: false, error },
    });
  }
  try {
    return await passes(options, session, signals, log);
  } finally {
    await session.close();
    signals.dispose();
  }
}

async function passes(options: RunOptions, session: Session, signals: Signals, log: Log): Promise<number> {
  const { config, follow = false } = options;
  const burial = createBurial({
    deadLetters: session.deadLetters,
    log,
    maxPerRun: config.dead_letters.max_per_run,
  });
  const stages: Stages = { ...options.stages(session), sink: session.sink, burial, bugs: createBugs(log) };
  let opened: Opened | undefined;
  try {
    opened = await options.opened?.(session);
  } catch (error) {
    const pass = {
      tally: newTally(),
      unacked: 0,
      totals: session.checkpoint.totals,
      clean: false,
      complete: false,
      error,
    };
    return conclude(options, log, { started: Date.now(), pass, session });
  }
  if (opened?.nothingToDo !== undefined) {
    log.info({ checkpoint: options.name }, opened.nothingToDo);
    const clean = session.checkpoint.uncleanRuns === 0;
    await session.checkpoint.save(new Map(), session.checkpoint.totals, { clean, complete: true });
    const pass = { tally: newTally(), unacked: 0, totals: session.checkpoint.totals, clean, complete: true };
    return conclude(options, log, { started: Date.now(), pass, session });
  }
  for (;;) {
    const started = Date.now();
    session.meter.reset();
    const pass = await catchUp({
      session,
      stages,
      signals,
      concurrency: config.pipeline.concurrency,
      saveIntervalMs: config.pipeline.save_interval,
      last: !follow,
      ...(opened?.closing === undefined ? {} : { closing: opened.closing }),
      acked: (tally) => opened?.acked?.({ documents: tally.read }),
    });
    opened?.finish?.();
    const code = conclude(options, log, { started, pass: ended(pass, options, signals), session });
    if (!follow || pass.error !== undefined) return code;
    // What is shared waits for news by itself. Woken by a signal, the sleep's own rejection says nothing more.
    if (session.store !== undefined && !signals.stop.aborted)
      await sleep(config.pipeline.poll_interval, undefined, { signal: signals.stop }).catch(() => undefined);
    if (!signals.stop.aborted) continue;
    // The signal came when the last save was under way or made: it could not know that this is the end.
    if (!pass.clean && pass.unacked === 0) {
      await session.checkpoint
        .save(new Map(), pass.totals, { clean: true, complete: pass.complete })
        .catch((error: unknown) => log.warn({ reason: String(error) }, 'could not mark the end as clean'));
    }
    return code;
  }
}

/**
 * A `run` that was told to stop goes on with the next one. What is given once has to be given again: exit 4. So does a run
 * that met objects it could not read; with `--follow` the next pass meets them again.
 */
function ended(pass: CatchUp, { command, follow = false }: RunOptions, { stop }: Signals): CatchUp {
  if (pass.complete || pass.error !== undefined) return pass;
  if (command !== 'run') return { ...pass, error: stop.reason };
  if (follow || stop.aborted) return pass;
  const reason = 'some objects could not be read; the queue hands their messages out again';
  return { ...pass, error: new UnavailableError(reason) };
}

interface Conclusion {
  readonly started: number;
  readonly pass: CatchUp;
  readonly session?: Session;
}

/** Logs what went wrong, prints the ledger, and gives the exit code. */
function conclude(options: RunOptions, log: Log, { started, pass, session }: Conclusion): number {
  const { config, command, name } = options;
  const exitCode = exitCodeOf(pass.error, pass.tally.dead_lettered);
  const error = pass.error === undefined ? undefined : describeError(pass.error);
  if (error !== undefined) log.error({ exit_code: exitCode, reason: error }, 'the run stopped');
  else if (pass.tally.dead_lettered > 0) {
    log.error(
      { dead_lettered: pass.tally.dead_lettered },
      'some detections went to the dead letters; see dead-letters list',
    );
  }
  try {
    const ledger = closeLedger({
      command,
      started,
      exitCode,
      ...(error === undefined ? {} : { error: error.split('\n', 1)[0] ?? '' }),
      source: sourceOf(config.source).name,
      sink: sinkOf(config.sink).name,
      complete: pass.complete,
      tally: pass.tally,
      abandoned: pass.unacked,
      counters: session?.meter.counts ?? new Map(),
      ...(session?.store === undefined
        ? {}
        : {
            checkpoint: {
              store: session.store.name,
              name,
              clean: pass.clean,
              totals: { ...pass.totals },
            },
          }),
    });
    options.print(printableJson(ledger));
    return exitCode;
  } catch (bug) {
    log.error({ reason: describeError(bug) }, 'the ledger could not be closed');
    return EXIT.bug;
  }
}
