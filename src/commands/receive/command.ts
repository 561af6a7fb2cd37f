import type { Argv, CommandModule } from 'yargs';
import { withExamples } from '../examples.ts';
import { type FlagValues, type JsonFlag, overridesOf, withConfigFlags, withJsonFlag } from '../flags.ts';

export const receiveCommand: CommandModule<object, FlagValues & JsonFlag & { deliver: boolean }> = {
  command: 'receive',
  describe: "Accept the vendor's webhook and store what it posts where the source reads (section receive)",
  builder: (args: Argv) =>
    withExamples(
      withJsonFlag(withConfigFlags(args)).option('deliver', {
        type: 'boolean',
        default: false,
        describe: 'Also deliver what is stored, like run --follow, in the same process',
      }),
      ['only store; another process delivers with run or run --follow', '$0 receive'],
      ['store and deliver', '$0 receive --deliver'],
    ),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { receive } = await import('../../receive/receive.ts');
    const route = loadRoute(flags.config, overridesOf(flags));
    const run = flags.deliver ? await follower(flags, route) : undefined;
    process.exitCode = await receive({ route, run });
  },
};

type Route = import('../../config/route.ts').Route;

async function follower(flags: JsonFlag, route: Route): Promise<() => Promise<number>> {
  const { stateOf } = await import('../../session/stores.ts');
  const { readyRun } = await import('../run/ready.ts');
  // Report mistakes in the configuration before anything is received.
  stateOf(route.config, true);
  return readyRun(flags, route, true);
}
