import type { Argv, CommandModule } from 'yargs';
import { type FlagValues, overridesOf, withConfigFlags } from '../flags.ts';

export const runCommand: CommandModule<object, FlagValues & { follow: boolean }> = {
  command: 'run',
  describe: 'Read what is new, deliver it, and exit (for cron and CronJobs)',
  builder: (args: Argv) =>
    withConfigFlags(args)
      .option('follow', { type: 'boolean', default: false, describe: 'Keep polling' })
      .example('$0 run --config config.yaml', 'one pass')
      .example('$0 run --config config.yaml --follow', 'keep polling until SIGTERM'),
  handler: async (flags) => {
    const { loadConfig } = await import('../../config/load.ts');
    const { run } = await import('../../pipeline/run.ts');
    const { transformOf } = await import('../../pipeline/stages.ts');
    const { shapeOf } = await import('../../sinks/index.ts');
    const { printLine } = await import('../output.ts');
    const config = loadConfig(flags.config, overridesOf(flags));
    const transform = transformOf(config, shapeOf(config.sink));
    process.exitCode = await run({
      config,
      command: 'run',
      name: 'run',
      session: { stateRequired: true },
      stages: () => transform,
      follow: flags.follow,
      print: printLine,
    });
  },
};
