import type { Argv, CommandModule } from 'yargs';
import { type DeadLetter, shownLetter } from '../../letters/letter.ts';
import { printable, printableJson } from '../../text/printable.ts';
import { createUidSet } from '../../text/uid-set.ts';
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
    const { openLetters } = await import('../../session/stores.ts');
    const session = openBriefSession(route);
    try {
      const letters = once((await openLetters(session)).files());
      if (flags.action === 'list') await list(letters, printLine);
      else await show(letters, flags.id ?? '', printLine);
    } finally {
      session.close();
    }
  },
};

/** Letters in one table: of more than these nobody looks at all, and memory stays bounded. */
const TABLE_ROWS = 1_000;

/** Each letter once: batches of two runs may have kept the same. */
async function* once(
  files: AsyncIterable<{ readonly letters: readonly DeadLetter[] }>,
): AsyncGenerator<DeadLetter, void, undefined> {
  const ids = createUidSet();
  for await (const { letters } of files) {
    for (const letter of letters) if (ids.add(letter.id)) yield letter;
  }
}

/** Tables of letters, each in the order of time. */
async function list(letters: AsyncIterable<DeadLetter>, print: (line: string) => void): Promise<void> {
  let rows: DeadLetter[] = [];
  let count = 0;
  for await (const letter of letters) {
    rows.push({ ...letter, text: '' });
    count += 1;
    if (rows.length < TABLE_ROWS) continue;
    print(await tableOf(rows));
    rows = [];
  }
  if (rows.length > 0) print(await tableOf(rows));
  print(count === 0 ? 'no dead letters' : `${count} dead letters`);
}

async function tableOf(letters: readonly DeadLetter[]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    head: ['id', 'at', 'stage', 'kind', 'reason', 'origin'],
    style: { head: [], border: [] },
    colWidths: [10, 22, 8, 24, 44, 40],
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  for (const letter of letters.map(shownLetter).toSorted((a, b) => (a.at < b.at ? -1 : 1))) {
    const { id, at, stage, kind, code, reason, origin } = letter;
    const place = origin.index === undefined ? `${origin.offset}` : `${origin.offset} data[${origin.index}]`;
    table.push([
      id.slice(0, 8),
      at.slice(0, 19),
      stage,
      printable(kind ?? ''),
      printable(`${code}: ${reason}`),
      printable(`${origin.uri} @${place}`),
    ]);
  }
  return table.toString();
}

async function show(
  letters: AsyncIterable<DeadLetter>,
  id: string,
  print: (line: string) => void,
): Promise<void> {
  let found = 0;
  for await (const letter of letters) {
    if (!letter.id.startsWith(id)) continue;
    print(printableJson(shownLetter(letter), 2));
    found += 1;
  }
  if (found > 0) return;
  process.stderr.write(`no dead letter has an id that begins with "${printable(id)}"\n`);
  process.exitCode = 2;
}
