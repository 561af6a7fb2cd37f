import type { Argv, CommandModule } from 'yargs';
import { type FlagValues, overridesOf, withConfigFlags } from '../flags.ts';

type Flags = FlagValues & { readonly action: 'list' | 'show' | 'replay'; readonly id?: string | undefined };

export const deadLettersCommand: CommandModule<object, Flags> = {
  command: 'dead-letters <action> [id]',
  aliases: ['dlq'],
  describe: 'List, show or replay what could not be delivered',
  builder: (args: Argv) =>
    withConfigFlags(args)
      .positional('action', { choices: ['list', 'show', 'replay'] as const, demandOption: true })
      .positional('id', {
        type: 'string',
        describe: 'Of one letter, for show and replay; the beginning is enough',
      })
      .example('$0 dead-letters list --config config.yaml', 'what, where and why')
      .example('$0 dead-letters show 3fa9 --config config.yaml', 'one letter with its text')
      .example('$0 dead-letters replay --config config.yaml', 'again through the current mapping'),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { printLine } = await import('../output.ts');
    const route = loadRoute(flags.config, overridesOf(flags));
    if (flags.action === 'replay') {
      const { replay } = await import('./replay/replay.ts');
      process.exitCode = await replay({ route, id: flags.id, print: printLine });
      return;
    }
    const { openBriefSession } = await import('../../session/session.ts');
    const session = openBriefSession(route);
    try {
      if (flags.action === 'list') {
        const { listLetters } = await import('./list.ts');
        await listLetters(session, printLine);
        return;
      }
      const { showLetters } = await import('./show.ts');
      if (!(await showLetters(session, flags.id ?? '', printLine))) process.exitCode = 2;
    } finally {
      session.close();
    }
  },
};
