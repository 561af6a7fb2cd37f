import { describeError, EXIT, exitCodeOf, headlineOf } from '../../account/exit.ts';
import { refuseInSource } from '../../config/own-places.ts';
import type { Route } from '../../config/route.ts';
import { ConfigError } from '../../contracts/errors.ts';
import type { Log, Sink } from '../../contracts/types.ts';
import { firstOf, rangeFilter } from '../../detections/filters.ts';
import { createBurial } from '../../letters/burial.ts';
import { createBugs } from '../../pipeline/bugs.ts';
import { spoken } from '../../redaction/spoken.ts';
import { type Ends, withEnds } from '../../session/ends.ts';
import { withoutRun } from '../../session/lease.ts';
import { openSession, type Session } from '../../session/session.ts';
import { transformFor } from '../../session/transform.ts';
import { createUidSet } from '../../text/uid-set.ts';
import { checkRange } from '../time-argument.ts';
import { type Comparison, compareBatch } from './batch.ts';
import { readLetters } from './letters.ts';
import { repair } from './repair.ts';
import { accountOf } from './report.ts';
import { openUidFile } from './uid-file.ts';
import { type Census, createCensus, type Verification } from './verification.ts';

export interface VerifyOptions {
  readonly route: Route;
  /** Half-open, in epoch milliseconds of event time. */
  readonly range: { readonly from: number; readonly to: number };
  /** Sends what is missing, under the lease of `run`. */
  readonly repair: boolean;
  /** Even if the destination may have deleted some of it. */
  readonly force: boolean;
  /** Where to write the uids. */
  readonly uids?: string;
  readonly report: (account: Verification) => void;
}

/**
 * Reads a range of the source again, without state, and asks the destination which of it it has. Reports what it found
 * by kind and day. Exit code 0: nothing is missing (any more) and nothing differs; 3: something is or does. Memory: one
 * batch, plus about 30 bytes per detection in the range.
 */
export async function verify(options: VerifyOptions): Promise<number> {
  const { route, range, repair, report } = options;
  const session = openSession(route);
  const { log } = session.context;
  const census = createCensus();
  let error: unknown;
  let search: string | undefined;
  try {
    checkRange(range);
    if (options.uids !== undefined) refuseInSource(route, options.uids, '--uids');
    const work = () =>
      withEnds(session, { backfill: range }, async (ends) => {
        if (ends.sink.stored === undefined) search = ends.sink.search?.(range.from, range.to);
        await compare(options, session, ends, census);
      });
    if (repair) await withoutRun(session, { stateRequired: true }, work);
    else await work();
  } catch (failed) {
    error = failed;
  }
  session.close();
  const exitCode =
    error === undefined && census.total.missing + census.total.differs > 0
      ? EXIT.deadLettered
      : exitCodeOf(error, 0);
  const reason = error === undefined ? undefined : describeError(error);
  if (reason !== undefined) log.error({ exit_code: exitCode, reason }, 'the verification stopped');
  else tell(census, log);
  const account = accountOf({
    started: session.started,
    exitCode,
    ...(reason === undefined ? {} : { error: headlineOf(reason) }),
    source: spoken(route.source.name),
    sink: route.sink.name,
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
    repair,
    search,
    census,
    counters: session.meter.counts,
  });
  report(account);
  return exitCode;
}

function tell({ total: { missing, differs } }: Census, log: Log): void {
  if (missing > 0) log.error({ missing }, 'some detections are missing; --repair sends them');
  if (differs > 0)
    log.error(
      { differs },
      'the destination stores something else under the uids of some detections, or stores them as suppressed or resolved: compare both origins (--uids FILE) and find out who wrote the stored ones',
    );
}

/** Refuses requests that cannot be answered, and says why. */
async function refuseUnanswerable(sink: Sink, options: VerifyOptions, signal: AbortSignal): Promise<void> {
  const { route, range, repair, force } = options;
  const { name } = route.sink;
  if (sink.stored === undefined) {
    if (sink.search === undefined)
      throw new ConfigError(`verify: the sink ${name} keeps nothing to compare with`);
    if (repair)
      throw new ConfigError(
        `--repair: the sink ${name} cannot be asked what it has; compare using the search that verify prints, and --uids FILE`,
      );
  }
  if (force) return;
  const reach = await sink.reach?.(signal);
  if (reach === undefined || range.from >= reach.since) return;
  throw new ConfigError(
    `--from: what happened before ${new Date(reach.since).toISOString()} may have been deleted: ${reach.why}. It would be reported missing, and --repair would send it again. Use --force to do it anyway, e.g. if it was delivered later by a backfill`,
  );
}

async function compare(
  options: VerifyOptions,
  { context, signals }: Session,
  { source, sink, deadLetters }: Ends,
  census: Census,
): Promise<void> {
  const { route, range, repair: repairs, uids: uidPath } = options;
  const { meter, log } = context;
  const { stop, abort } = signals;
  await refuseUnanswerable(sink, options, stop);
  const shaped = transformFor(route);
  const transform = {
    ...shaped,
    filter: firstOf(rangeFilter(range.from, range.to), shaped.filter),
    bugs: createBugs(log),
  };
  const burial = createBurial({
    deadLetters,
    log,
    maxPerRun: route.config.dead_letters.max_per_run,
    redactor: shaped.redactor,
  });
  const stages = { ...transform, sink, burial };
  const comparison: Comparison = {
    transform,
    sink,
    seen: createUidSet(),
    letters: await readLetters(deadLetters),
    hold: (filter) => census.hold(filter),
    skip: () => meter.add('not_compared'),
  };
  const uidFile = uidPath === undefined ? undefined : await openUidFile(uidPath);
  try {
    for await (const batch of source.read(stop)) {
      for await (const exported of compareBatch(batch, comparison, abort)) {
        if (repairs) await repair(exported, stages, abort);
        for (const { kind, day, verdict, count } of exported) {
          census.add(kind, day, verdict ?? 'missing', count);
        }
        await uidFile?.write(exported);
      }
      await batch.ack();
      burial.check();
    }
  } finally {
    await uidFile?.close();
  }
  if (stop.aborted) throw stop.reason;
}
