import type { Argv, CommandModule } from 'yargs';
import { type FlagValues, type JsonFlag, overridesOf, withConfigFlags, withJsonFlag } from '../flags.ts';

export const runCommand: CommandModule<object, FlagValues & JsonFlag & { follow: boolean }> = {
  command: 'run',
  describe: 'Read what is new, deliver it, and exit (for cron and CronJobs)',
  builder: (args: Argv) =>
    withJsonFlag(withConfigFlags(args))
      .option('follow', { type: 'boolean', default: false, describe: 'Keep polling' })
      .example('$0 run --config config.yaml', 'one pass')
      .example('$0 run --config config.yaml --follow', 'keep polling until SIGTERM'),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { RUN } = await import('../../session/lease.ts');
    const { run } = await import('../../pipeline/run.ts');
    const { transformFor } = await import('../../session/transform.ts');
    const { ledgerReport } = await import('../output.ts');
    const route = loadRoute(flags.config, overridesOf(flags));
    process.exitCode = await run({
      route,
      command: 'run',
      name: RUN,
      stateRequired: true,
      stages: transformFor(route),
      follow: flags.follow,
      report: ledgerReport(flags),
    });
  },
};
