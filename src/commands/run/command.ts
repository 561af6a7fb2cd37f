import type { Argv, CommandModule } from 'yargs';
import { withExamples } from '../examples.ts';
import { type FlagValues, type JsonFlag, overridesOf, withConfigFlags, withJsonFlag } from '../flags.ts';

export const runCommand: CommandModule<object, FlagValues & JsonFlag & { follow: boolean }> = {
  command: 'run',
  describe: 'Read what is new, deliver it, and exit (for cron and CronJobs)',
  builder: (args: Argv) =>
    withExamples(
      withJsonFlag(withConfigFlags(args)).option('follow', {
        type: 'boolean',
        default: false,
        describe: 'Keep polling',
      }),
      ['one pass', '$0 run'],
      ['keep polling until SIGTERM', '$0 run --follow'],
      [
        'another configuration than ./stepsecurity-siem.yaml',
        '$0 run --config /etc/stepsecurity-siem/config.yaml',
      ],
    ),
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
