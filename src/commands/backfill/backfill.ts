import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../contracts/errors.ts';
import type { Shard, TimeRange } from '../../contracts/source.ts';
import { firstOf, rangeFilter } from '../../detections/filters.ts';
import { createLimiter } from '../../pipeline/limiter.ts';
import { run } from '../../pipeline/run.ts';
import type { Session } from '../../pipeline/session.ts';
import { backfillName } from '../../pipeline/setting.ts';
import { transformOf } from '../../pipeline/stages.ts';
import { shapeOf } from '../../sinks/index.ts';
import { sourceOf } from '../../sources/index.ts';
import { dryRunOf } from './dry-run.ts';
import { showProgress } from './progress-bar.ts';

export interface BackfillOptions {
  readonly config: Config;
  readonly range: TimeRange;
  /** Reads only this share of what there is; all shares together are the whole. */
  readonly shard?: Shard;
  readonly again: boolean;
  readonly quiet: boolean;
  /** Documents per second. */
  readonly maxRate?: number;
  readonly print: (line: string) => void;
}

/** The part that says a backfill is done: its time, as text. */
const FINISHED = 'finished';

/** Reads a range once. The same command resumes; a finished one says so and sends nothing. Returns the exit code. */
export async function backfill(options: BackfillOptions): Promise<number> {
  const { config, range, shard, quiet } = options;
  check(options);
  const transform = transformation(options, quiet);
  const stages = {
    ...transform,
    ...(options.maxRate === undefined ? {} : { limiter: createLimiter(options.maxRate) }),
  };
  return run({
    config,
    command: 'backfill',
    name: backfillName(range, shard),
    session: {
      stateRequired: false,
      backfill: range,
      ...(shard === undefined ? {} : { shard }),
      again: options.again,
    },
    stages: () => stages,
    opened: async (session) => {
      const nothingToDo = await finishedBefore(session);
      return nothingToDo === undefined
        ? { ...showProgress(session.meter), closing: markFinished }
        : { nothingToDo };
    },
    print: options.print,
  });
}

/** Reads and maps everything, writes nothing, and prints what would be sent and what it would cost. */
export async function dryRun(options: BackfillOptions): Promise<number> {
  check(options);
  return dryRunOf({
    ...options,
    transform: transformation(options, options.quiet),
    name: backfillName(options.range, options.shard),
  });
}

function transformation({ config, range }: BackfillOptions, quiet: boolean) {
  const transform = transformOf(config, {
    ...shapeOf(config.sink),
    tags: ['backfill'],
    quiet,
  });
  return { ...transform, filter: firstOf(rangeFilter(range.from, range.to), transform.filter) };
}

function check({ config, range, shard }: BackfillOptions): void {
  checkRange(range);
  if (shard !== undefined && !sourceOf(config.source).shards)
    throw new ConfigError(`--shard: the source ${config.source.type} has no keys to split; leave it out`);
}

export function checkRange({ from, to }: TimeRange): void {
  if (from !== undefined && to !== undefined && from >= to)
    throw new ConfigError('--to must be later than --from');
}

async function finishedBefore(session: Session): Promise<string | undefined> {
  const finished = await session.checkpoint.part(FINISHED);
  if (finished === undefined) return undefined;
  return `this backfill finished at ${finished.toString()}; --again does it once more`;
}

function markFinished(): ReadonlyMap<string, Buffer> {
  return new Map([[FINISHED, Buffer.from(new Date().toISOString())]]);
}
