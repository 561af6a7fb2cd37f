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
    const { readyRun } = await import('./ready.ts');
    const run = await readyRun(flags, loadRoute(flags.config, overridesOf(flags)), flags.follow);
    process.exitCode = await run();
  },
};
