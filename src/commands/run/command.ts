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
        'a configuration other than ./stepsecurity-siem.yaml',
        '$0 run --config /etc/stepsecurity-siem/config.yaml',
      ],
    ),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { RUN } = await import('../../session/lease.ts');
    const { run } = await import('../../pipeline/run.ts');
    const { transformWhenNeeded } = await import('../../session/when-needed.ts');
    const { ledgerReport } = await import('../output.ts');
    const route = loadRoute(flags.config, overridesOf(flags));
    const transform = transformWhenNeeded(route);
    // Wrong mappings are found before anything is opened; and what runs for months is whole before the files it came from are replaced.
    if (route.config.mapping.path !== undefined || flags.follow) await transform.ready();
    process.exitCode = await run({
      route,
      command: 'run',
      name: RUN,
      stateRequired: true,
      stages: transform,
      follow: flags.follow,
      report: await ledgerReport(flags),
    });
  },
};
