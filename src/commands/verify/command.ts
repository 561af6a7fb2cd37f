import type { Argv, CommandModule } from 'yargs';
import { withExamples } from '../examples.ts';
import { type FlagValues, type JsonFlag, overridesOf, withConfigFlags, withJsonFlag } from '../flags.ts';

type Flags = FlagValues &
  JsonFlag & {
    readonly from: string;
    readonly to: string;
    readonly repair: boolean;
    readonly force: boolean;
    readonly uids?: string | undefined;
  };

export const verifyCommand: CommandModule<object, Flags> = {
  command: 'verify',
  describe: 'Compare what the source contains with what the destination has',
  builder: (args: Argv) =>
    withExamples(
      withJsonFlag(withConfigFlags(args))
        .option('from', {
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'First event time, e.g. 2026-01-01 (UTC)',
        })
        .option('to', {
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'Event time to stop before',
        })
        .option('repair', { type: 'boolean', default: false, describe: 'Send what is missing' })
        .option('force', {
          type: 'boolean',
          default: false,
          describe: 'Even if the destination may have deleted some of it',
        })
        .option('uids', {
          type: 'string',
          requiresArg: true,
          describe: 'Write every exported uid with its verdict to this CSV file',
        }),
      [
        'every kind and day, including those with nothing to explain',
        '$0 verify --from 2026-01-01 --to 2026-02-01 --json',
      ],
      ['exit 3: some are missing', '$0 verify --from 2026-01-01 --to 2026-02-01'],
      ['send those', '$0 verify --from 2026-01-01 --to 2026-02-01 --repair'],
    ),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { verify } = await import('./verify.ts');
    const { printLine, screenFor } = await import('../output.ts');
    const { againWith } = await import('../again.ts');
    const { verificationScreen } = await import('./screen.ts');
    const { printableJson } = await import('../../text/printable.ts');
    const { parseTimeArgument } = await import('../time-argument.ts');
    const screen = screenFor(flags);
    process.exitCode = await verify({
      route: loadRoute(flags.config, overridesOf(flags)),
      range: { from: parseTimeArgument('--from', flags.from), to: parseTimeArgument('--to', flags.to) },
      repair: flags.repair,
      force: flags.force,
      ...(flags.uids === undefined ? {} : { uids: flags.uids }),
      report: (account) =>
        printLine(
          screen === undefined
            ? printableJson(account)
            : verificationScreen(account, screen, againWith(flags)),
        ),
    });
  },
};
