import type { Argv, CommandModule } from 'yargs';
import { withExamples } from '../examples.ts';
import { type FlagValues, type JsonFlag, overridesOf, withConfigFlags, withJsonFlag } from '../flags.ts';

type Flags = FlagValues &
  JsonFlag & {
    readonly action: (typeof ACTIONS)[number];
    readonly target?: string | undefined;
    readonly to?: string | undefined;
    readonly yes: boolean;
  };

const ACTIONS = ['show', 'rewind', 'forget', 'adopt'] as const;

export const stateCommand: CommandModule<object, Flags> = {
  command: 'state <action> [target]',
  describe: 'Show, rewind or forget what runs remember, or continue with another sink',
  builder: (args: Argv) =>
    withExamples(
      withJsonFlag(withConfigFlags(args))
        .positional('action', { choices: ACTIONS, demandOption: true })
        .positional('target', {
          type: 'string',
          describe:
            'For forget and adopt: a checkpoint (run, backfill-…); for forget also a URI, to read the objects under it again',
        })
        .option('to', {
          type: 'string',
          requiresArg: true,
          describe: 'For rewind: read again what was modified since',
        })
        .option('yes', {
          type: 'boolean',
          default: false,
          describe: 'Do it; without this, only print what would change',
        }),
      ['what is remembered', '$0 state show'],
      ['what going back would cause', '$0 state rewind --to 2026-01-01'],
      ['read that again', '$0 state forget s3://bucket/detections/2026/01/ --yes'],
      ['continue after a node was added to the cluster', '$0 state adopt --yes'],
    ),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { openBriefSession } = await import('../../session/session.ts');
    const { ConfigError } = await import('../../contracts/errors.ts');
    const { printLine, screenFor } = await import('../output.ts');
    const route = loadRoute(flags.config, overridesOf(flags));
    const session = openBriefSession(route);
    try {
      if (flags.action === 'show') {
        const { readRemembered } = await import('./show.ts');
        const { printableJson } = await import('../../text/printable.ts');
        const remembered = await readRemembered(session);
        const screen = screenFor(flags);
        if (screen === undefined) return printLine(printableJson(remembered));
        const { rememberedScreen } = await import('./screen.ts');
        return printLine(rememberedScreen(remembered, screen));
      }
      const { forgetState, rewindState } = await import('./amend.ts');
      const { printText } = await import('../print-text.ts');
      const options = { session, yes: flags.yes, print: printText };
      if (flags.action === 'forget') {
        if (flags.target === undefined) throw new ConfigError('state forget: give a checkpoint or a URI');
        await forgetState(options, flags.target);
        return;
      }
      if (flags.action === 'adopt') {
        const { adoptSink } = await import('./adopt.ts');
        await adoptSink(options, flags.target);
        return;
      }
      const { parseTimeArgument } = await import('../time-argument.ts');
      if (flags.to === undefined) throw new ConfigError('state rewind: --to is required');
      await rewindState(options, parseTimeArgument('--to', flags.to));
    } finally {
      session.close();
    }
  },
};
