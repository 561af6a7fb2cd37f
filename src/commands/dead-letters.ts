import type { Argv, CommandModule } from 'yargs';
import type { DeadLetter } from '../pipeline/dead-letters.ts';
import { type FlagValues, overridesOf, withConfigFlags } from './flags.ts';

type Flags = FlagValues & { readonly action: 'list' | 'show' | 'replay'; readonly id?: string | undefined };

export const deadLettersCommand: CommandModule<object, Flags> = {
  command: 'dead-letters <action> [id]',
  aliases: ['dlq'],
  describe: 'List, show or replay what could not be delivered',
  builder: (args: Argv) =>
    withConfigFlags(args)
      .positional('action', { choices: ['list', 'show', 'replay'] as const, demandOption: true })
      .positional('id', { type: 'string', describe: 'Of one letter, for show; the beginning is enough' })
      .example('$0 dead-letters list --config config.yaml', 'what, where and why')
      .example('$0 dead-letters show 3fa9 --config config.yaml', 'one letter with its text')
      .example('$0 dead-letters replay --config config.yaml', 'again through the current mapping'),
  handler: async (flags) => {
    const { loadConfig } = await import('../config/load.ts');
    const { printLine } = await import('./output.ts');
    const config = loadConfig(flags.config, overridesOf(flags));
    if (flags.action === 'replay') {
      const { replay } = await import('../pipeline/replay.ts');
      process.exitCode = await replay(config, printLine);
      return;
    }
    const { commandContext } = await import('../pipeline/command-context.ts');
    const { deadLettersOf } = await import('../pipeline/setting.ts');
    const { context, dispose } = commandContext(config);
    try {
      const letters = await collect((await deadLettersOf(config, context)).files());
      if (flags.action === 'list') printLine(await listing(letters));
      else show(letters, flags.id ?? '', printLine);
    } finally {
      dispose();
    }
  },
};

/** By id: batches of two runs may have kept the same letter. */
async function collect(
  files: AsyncIterable<{ readonly letters: readonly DeadLetter[] }>,
): Promise<DeadLetter[]> {
  const byId = new Map<string, DeadLetter>();
  for await (const { letters } of files) {
    for (const letter of letters) byId.set(letter.id, letter);
  }
  return [...byId.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
}

async function listing(letters: readonly DeadLetter[]): Promise<string> {
  if (letters.length === 0) return 'no dead letters';
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    head: ['id', 'at', 'stage', 'kind', 'reason', 'origin'],
    style: { head: [], border: [] },
    colWidths: [10, 22, 8, 24, 44, 40],
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  for (const { id, at, stage, kind, code, reason, origin } of letters) {
    const place = origin.index === undefined ? `${origin.offset}` : `${origin.offset} data[${origin.index}]`;
    table.push([
      id.slice(0, 8),
      at.slice(0, 19),
      stage,
      kind ?? '',
      `${code}: ${reason}`,
      `${origin.uri} @${place}`,
    ]);
  }
  return `${table.toString()}\n${letters.length} dead letters`;
}

function show(letters: readonly DeadLetter[], id: string, print: (line: string) => void): void {
  const found = letters.filter((letter) => letter.id.startsWith(id));
  for (const letter of found) print(JSON.stringify(letter, null, 2));
  if (found.length > 0) return;
  process.stderr.write(`no dead letter has an id that begins with "${id}"\n`);
  process.exitCode = 2;
}
