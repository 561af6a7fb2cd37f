import type { Argv, CommandModule } from 'yargs';
import { withExamples } from '../examples.ts';
import { type FlagValues, overridesOf, withConfigFlags } from '../flags.ts';

export const setupCommand: CommandModule<object, FlagValues & { print: boolean }> = {
  command: 'setup',
  describe: 'Install or upgrade what the destination needs',
  builder: (args: Argv) =>
    withExamples(
      withConfigFlags(args).option('print', {
        type: 'boolean',
        default: false,
        describe: 'Print it to standard output instead of installing it',
      }),
      ['templates, pipeline and lifecycle into the cluster', '$0 setup'],
      ['the same as JSON (Splunk: the steps)', '$0 setup --print'],
    ),
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
