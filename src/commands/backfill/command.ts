import type { Argv, CommandModule } from 'yargs';
import { withExamples } from '../examples.ts';
import { type FlagValues, type JsonFlag, overridesOf, withConfigFlags, withJsonFlag } from '../flags.ts';

type Flags = FlagValues &
  JsonFlag & {
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly 'dry-run': boolean;
    readonly again: boolean;
    readonly shard?: string | undefined;
    readonly 'quiet-alerts': boolean;
    readonly 'max-rate'?: string | undefined;
  };

export const backfillCommand: CommandModule<object, Flags> = {
  command: 'backfill',
  describe: 'Read a range of event time once, with its own checkpoint',
  builder: (args: Argv) =>
    withExamples(
      withJsonFlag(withConfigFlags(args))
        .option('from', {
          type: 'string',
          requiresArg: true,
          describe: 'First event time, e.g. 2026-01-01 (UTC)',
        })
        .option('to', { type: 'string', requiresArg: true, describe: 'Event time to stop before' })
        .option('dry-run', {
          type: 'boolean',
          default: false,
          describe: 'Read and map everything, write nothing, and report the cost',
        })
        .option('again', { type: 'boolean', default: false, describe: 'Repeat a finished backfill' })
        .option('shard', {
          type: 'string',
          requiresArg: true,
          describe: 'Only share I of N (from 0), e.g. $JOB_COMPLETION_INDEX/8; each has its own checkpoint',
        })
        .option('quiet-alerts', {
          type: 'boolean',
          default: false,
          describe: 'Write event.kind: event, so that old detections raise no alerts',
        })
        .option('max-rate', {
          type: 'string',
          requiresArg: true,
          describe: 'Maximum documents per second, e.g. 500/s',
        }),
      ['January; the same command resumes', '$0 backfill --from 2026-01-01 --to 2026-02-01'],
      ['what it would send and cost', '$0 backfill --from 2026-01-01 --to 2026-02-01 --dry-run'],
      ['without a configuration file', '$0 backfill --file export/ --ndjson out/'],
    ),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { backfill, dryRun } = await import('./backfill.ts');
    const { ledgerReport, screenFor } = await import('../output.ts');
    const { parseShard } = await import('./shard.ts');
    const { parseRate } = await import('./rate.ts');
    const { parseTimeArgument } = await import('../time-argument.ts');
    const route = loadRoute(flags.config, overridesOf(flags));
    const from = flags.from === undefined ? undefined : parseTimeArgument('--from', flags.from);
    const to = flags.to === undefined ? undefined : parseTimeArgument('--to', flags.to);
    const options = {
      route,
      range: { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
      again: flags.again,
      ...(flags.shard === undefined ? {} : { shard: parseShard(flags.shard) }),
      quiet: flags['quiet-alerts'],
      ...(flags['max-rate'] === undefined ? {} : { maxRate: parseRate(flags['max-rate']) }),
      report: await ledgerReport(flags),
    };
    process.exitCode = flags['dry-run']
      ? await dryRun({ ...options, screen: screenFor(flags) })
      : await backfill(options);
  },
};
