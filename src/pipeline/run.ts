import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from '../account/ledger.ts';
import { createTally } from '../account/tally.ts';
import type { Route } from '../config/route.ts';
import { UnavailableError } from '../contracts/errors.ts';
import type { Shard, TimeRange } from '../contracts/source.ts';
import { createBurial } from '../letters/burial.ts';
import { type Observer, observed } from '../observe/observer.ts';
import { conclude, type Ending } from '../session/conclude.ts';
import { type Ends, withEnds } from '../session/ends.ts';
import { type Memory, withMemory } from '../session/memory.ts';
import { openSession, type Session } from '../session/session.ts';
import type { Transform } from '../session/transform.ts';
import { createBugs } from './bugs.ts';
import { type CatchUp, catchUp } from './catch-up.ts';
import { createHeart } from './heart.ts';
import { lookUpStage } from './look-ups.ts';
import { silentAfterRefusal } from './refusal.ts';
import type { Stages } from './stages.ts';

export interface RunOptions {
  readonly route: Route;
  readonly command: Ledger['command'];
  /** Name of the checkpoint and its lease. */
  readonly name: string;
  readonly stateRequired: boolean;
  readonly backfill?: TimeRange;
  readonly shard?: Shard;
  /** Forget the checkpoint first. */
  readonly again?: boolean;
  /** Stages other than those that a run opens itself. */
  readonly stages: Omit<Stages, 'lookUp' | 'sink' | 'burial' | 'bugs'> & Pick<Transform, 'runs' | 'bounds'>;
  /** Keep polling; each pass has its own ledger. */
  readonly follow?: boolean;
  /** Called once everything is open, before anything is read. */
  readonly opened?: (session: Session, memory: Memory) => Promise<Opened>;
  /** Called with the ledger of each pass. */
  readonly report: (ledger: Ledger) => void;
}

export interface Opened {
  /** Why there is nothing left to do: the run ends immediately, with exit 0. */
  readonly nothingToDo?: string;
  /** Parts that a complete pass adds to the checkpoint. */
  readonly closing?: () => ReadonlyMap<string, Buffer | null>;
  readonly acked?: (batch: { readonly documents: number }) => void;
  /** Called after each pass, before its ledger. */
  readonly finish?: () => void;
}

/** State shared by the passes of a run. */
interface Run {
  readonly options: RunOptions;
  readonly session: Session;
  readonly memory: Memory;
  readonly ends: Ends;
  readonly observer: Observer;
}

/**
 * Runs until caught up (or forever), reports the ledger of each pass, and returns the exit code. Never throws.
 * Lease, checkpoint, source and sink are opened in this order: nothing is read or sent without the lease.
 */
export async function run(options: RunOptions): Promise<number> {
  const { route, command } = options;
  const session = openSession(route);
  const { source, sink, config } = route;
  const { meter, context } = session;
  const watched = { config, command, source: source.name, sink: sink.name, meter, log: context.log };
  try {
    return await observed(watched, (observer) => inView(options, session, observer));
  } finally {
    session.close();
  }
}

async function inView(options: RunOptions, session: Session, observer: Observer): Promise<number> {
  const { name, stateRequired, backfill, shard, again = false, command, report } = options;
  const memoryOptions = { name, stateRequired, isBackfill: backfill !== undefined, again };
  try {
    return await withMemory(session, memoryOptions, (memory) => {
      const { checkpoint, store } = memory;
      const reading = {
        part: (part: string) => checkpoint.part(part),
        ...(store !== undefined && { note: (part: string, bytes: Buffer) => checkpoint.note(part, bytes) }),
        ...(backfill === undefined ? {} : { backfill }),
        ...(shard === undefined ? {} : { shard }),
        sending: checkpoint.sending,
      };
      return withEnds(session, reading, (ends) => passes({ options, session, memory, ends, observer }));
    });
  } catch (error) {
    const closed = observer.ended;
    return conclude(session, report, { command, tally: createTally(), error, complete: false, closed });
  }
}

async function passes(run: Run): Promise<number> {
  const { options, session, memory, ends, observer } = run;
  const { route, context, signals } = session;
  const { config } = route;
  const { checkpoint } = memory;
  const { follow = false } = options;
  const { log } = context;
  const burial = createBurial({
    deadLetters: ends.deadLetters,
    log,
    maxPerRun: config.dead_letters.max_per_run,
    ...(options.stages.redactor !== undefined && { redactor: options.stages.redactor }),
  });
  const sink = silentAfterRefusal(ends.sink);
  const stages: Stages = {
    ...options.stages,
    ...lookUpStage(ends, options.stages, session),
    sink,
    burial,
    bugs: createBugs(log),
  };
  const opened = await options.opened?.(session, memory);
  if (opened?.nothingToDo !== undefined) {
    log.info({ checkpoint: options.name }, opened.nothingToDo);
    const clean = checkpoint.uncleanRuns === 0;
    await checkpoint.save(new Map(), checkpoint.totals, { clean, complete: true });
    const pass = { tally: createTally(), unacked: 0, totals: checkpoint.totals, clean, complete: true };
    return conclude(session, options.report, endingOf(run, pass));
  }
  const heart = createHeart(session, sink);
  for (;;) {
    const started = Date.now();
    session.meter.reset();
    const tally = createTally();
    observer.begins(tally);
    const pass = await catchUp({
      tally,
      source: ends.source,
      checkpoint,
      counts: session.meter.counts,
      stages,
      signals,
      concurrency: config.pipeline.concurrency,
      saveIntervalMs: config.pipeline.save_interval,
      last: !follow,
      ...(opened?.closing === undefined ? {} : { closing: opened.closing }),
      acked: (tally) => opened?.acked?.({ documents: tally.read }),
    });
    opened?.finish?.();
    const ending = { started, ...endingOf(run, withReason(pass, options, signals.stop)) };
    const code = conclude(session, options.report, ending);
    const isLast = !follow || pass.error !== undefined;
    await heart.pass(ending, isLast || signals.stop.aborted);
    if (isLast) return code;
    // A shared source waits for news itself. If a signal ends the sleep, its rejection adds nothing.
    if (memory.store !== undefined && !signals.stop.aborted)
      await sleep(config.pipeline.poll_interval, undefined, { signal: signals.stop }).catch(() => undefined);
    if (!signals.stop.aborted) continue;
    await heart.end();
    // The signal arrived during or after the last save, which could not know that this was the end.
    if (!pass.clean && pass.unacked === 0) {
      await checkpoint
        .save(new Map(), pass.totals, { clean: true, complete: pass.complete })
        .catch((error: unknown) => log.warn({ reason: String(error) }, 'could not mark the end as clean'));
    }
    return code;
  }
}

/**
 * A `run` that was told to stop is continued by the next one. A command that runs only once has to be repeated:
 * exit 4. The same goes for a run with objects that could not be read; with `--follow`, the next pass meets them
 * again.
 */
function withReason(pass: CatchUp, { command, follow = false }: RunOptions, stop: AbortSignal): CatchUp {
  if (pass.complete || pass.error !== undefined) return pass;
  if (command !== 'run') return { ...pass, error: stop.reason };
  if (follow || stop.aborted) return pass;
  const reason = 'some objects could not be read; the queue will deliver their messages again';
  return { ...pass, error: new UnavailableError(reason) };
}

function endingOf({ options, memory: { name, store }, observer }: Run, pass: CatchUp): Ending {
  const { tally, error, complete, unacked, clean, totals } = pass;
  const checkpoint = store && { store: store.name, name, clean, totals: { ...totals } };
  const { command } = options;
  const closed = observer.ended;
  return { command, tally, error, complete, unacked, closed, ...(checkpoint && { checkpoint }) };
}
