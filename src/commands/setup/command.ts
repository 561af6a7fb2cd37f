import type { Argv, CommandModule } from 'yargs';
import { type FlagValues, overridesOf, withConfigFlags } from '../flags.ts';

export const setupCommand: CommandModule<object, FlagValues & { print: boolean }> = {
  command: 'setup',
  describe: 'Install or upgrade what the destination needs',
  builder: (args: Argv) =>
    withConfigFlags(args)
      .option('print', {
        type: 'boolean',
        default: false,
        describe: 'Write it to standard output instead of installing it',
      })
      .example('$0 setup --config config.yaml', 'templates, pipeline and lifecycle into the cluster')
      .example('$0 setup --config config.yaml --print', 'the same as JSON (Splunk: the steps)'),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { openBriefSession } = await import('../../session/session.ts');
    const { printLine } = await import('../output.ts');
    const route = loadRoute(flags.config, overridesOf(flags));
    const session = openBriefSession(route);
    try {
      for await (const line of route.sink.setup(session.context, flags.print)) printLine(line);
    } finally {
      session.close();
    }
  },
};
