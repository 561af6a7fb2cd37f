import { createHash } from 'node:crypto';
import type { Route } from '../../config/route.ts';
import { ConfigError } from '../../contracts/errors.ts';
import type { Shard, TimeRange } from '../../contracts/source.ts';
import { firstOf, rangeFilter } from '../../detections/filters.ts';
import { createLimiter } from '../../pipeline/limiter.ts';
import { run } from '../../pipeline/run.ts';
import type { Memory } from '../../session/memory.ts';
import { transformFor } from '../../session/transform.ts';
import type { LedgerReport } from '../output.ts';
import { checkRange } from '../time-argument.ts';
import { type DryRunOptions, dryRunOf } from './dry-run.ts';
import { showProgress } from './progress-bar.ts';

export interface BackfillOptions {
  readonly route: Route;
  readonly range: TimeRange;
  /** Reads only this share; all shares together cover everything. */
  readonly shard?: Shard;
  readonly again: boolean;
  readonly quiet: boolean;
  /** Documents per second. */
  readonly maxRate?: number;
  readonly report: LedgerReport;
}

/** The checkpoint part that marks a backfill as done: the time, as text. */
const FINISHED = 'finished';
const FINISHED_BEFORE = 'This backfill is already finished; --again repeats it.';

/**
 * Reads a range once. The same command resumes; a finished backfill says so and sends nothing. Returns the exit code.
 */
export async function backfill(options: BackfillOptions): Promise<number> {
  const { route, range, shard } = options;
  check(options);
  const transform = transformation(options);
  const stages = {
    ...transform,
    ...(options.maxRate === undefined ? {} : { limiter: createLimiter(options.maxRate) }),
  };
  let before: string | undefined;
  return run({
    route,
    command: 'backfill',
    name: backfillName(range, shard),
    stateRequired: false,
    backfill: range,
    ...(shard === undefined ? {} : { shard }),
    again: options.again,
    stages,
    opened: async (session, memory) => {
      before = await finishedBefore(memory);
      return before === undefined
        ? { ...showProgress(session.meter), closing: markFinished }
        : { nothingToDo: before };
    },
    report: (ledger) => options.report(ledger, before && FINISHED_BEFORE),
  });
}

/** Reads and maps everything but writes nothing, and reports what would be sent and what it would cost. */
export async function dryRun(options: BackfillOptions & Pick<DryRunOptions, 'screen'>): Promise<number> {
  check(options);
  return dryRunOf({
    ...options,
    transform: transformation(options),
    name: backfillName(options.range, options.shard),
  });
}

function transformation({ route, range, quiet }: BackfillOptions) {
  const transform = transformFor(route, { tags: ['backfill'], quiet });
  return { ...transform, filter: firstOf(rangeFilter(range.from, range.to), transform.filter) };
}

function check({ route, range, shard }: BackfillOptions): void {
  checkRange(range);
  if (shard !== undefined && !route.source.shards)
    throw new ConfigError(
      `--shard: the source ${route.config.source.type} has no keys to split; leave it out`,
    );
}

async function finishedBefore({ checkpoint }: Memory): Promise<string | undefined> {
  const finished = await checkpoint.part(FINISHED);
  if (finished === undefined) return undefined;
  return `this backfill finished at ${finished.toString()}; --again repeats it`;
}

function markFinished(): ReadonlyMap<string, Buffer> {
  return new Map([[FINISHED, Buffer.from(new Date().toISOString())]]);
}

/** A backfill has its own checkpoint: the same command resumes it, another range or shard starts a new one. */
function backfillName(range: TimeRange, shard?: Shard): string {
  const share = shard === undefined ? null : `${shard.index}/${shard.of}`;
  const key = JSON.stringify([range.from ?? null, range.to ?? null, share]);
  return `backfill-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}
