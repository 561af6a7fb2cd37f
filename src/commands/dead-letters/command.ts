import type { Argv, CommandModule } from 'yargs';
import { withExamples } from '../examples.ts';
import { type FlagValues, type JsonFlag, overridesOf, withConfigFlags, withJsonFlag } from '../flags.ts';
import { type ChoiceFlags, withChoiceFlags } from './choice-flags.ts';

const ACTIONS = ['list', 'show', 'replay', 'discard'] as const;

type Flags = FlagValues &
  JsonFlag &
  ChoiceFlags & { readonly action: (typeof ACTIONS)[number]; readonly yes?: boolean | undefined };

export const deadLettersCommand: CommandModule<object, Flags> = {
  command: 'dead-letters <action> [ids..]',
  aliases: ['dlq'],
  describe: 'List, show, replay or discard what could not be delivered',
  builder: (args: Argv) =>
    withExamples(
      withChoiceFlags(withJsonFlag(withConfigFlags(args)))
        .positional('action', { choices: ACTIONS, demandOption: true })
        .positional('ids', {
          type: 'string',
          array: true,
          describe: 'IDs of letters; the first characters are enough',
        })
        .option('yes', { type: 'boolean', describe: 'Discard without asking' }),
      ['which ones, and why', '$0 dead-letters list --older-than 7d'],
      ['one letter with its text', '$0 dead-letters show 3fa9'],
      ['again, through the current mapping', '$0 dead-letters replay --reason rejected'],
      ['permanently, after saying how many', '$0 dead-letters discard --origin s3://example/2026/01/'],
    ),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { ledgerReport, printLine: print, screenFor } = await import('../output.ts');
    const { parseChoice } = await import('./choice-argument.ts');
    const choice = parseChoice(flags);
    const route = loadRoute(flags.config, overridesOf(flags));
    if (flags.action === 'replay') {
      const { replay } = await import('./replay/replay.ts');
      process.exitCode = await replay({ route, choice, report: await ledgerReport(flags) });
      return;
    }
    if (flags.action === 'discard') {
      const { discard } = await import('./discard.ts');
      const { agreement } = await import('../agreement.ts');
      process.exitCode = await discard({
        route,
        choice,
        agree: agreement(flags.yes),
        // On stderr, where the question is asked.
        say: (line) => void process.stderr.write(`${line}\n`),
        report: await ledgerReport(flags),
      });
      return;
    }
    const { openBriefSession } = await import('../../session/session.ts');
    const session = openBriefSession(route);
    try {
      if (flags.action === 'list') {
        const { listLetters } = await import('./list.ts');
        const { againWith } = await import('../again.ts');
        await listLetters(session, { choice, screen: screenFor(flags), again: againWith(flags), print });
        return;
      }
      const { showLetters } = await import('./show.ts');
      await showLetters(session, choice, print);
    } finally {
      session.close();
    }
  },
};
