import type { Argv, CommandModule } from 'yargs';
import { DEFAULT_SCHEMA, SCHEMAS, type Schema } from '../../contracts/schema.ts';
import { withExamples } from '../examples.ts';
import { type JsonFlag, withJsonFlag } from '../flags.ts';

export const demoCommand: CommandModule<
  object,
  JsonFlag & { source: 'file' | 'api'; out: string; to: Schema }
> = {
  command: 'demo',
  describe: 'Run the real pipeline on the sample detections, into a folder',
  builder: (args: Argv) =>
    withExamples(
      withJsonFlag(args)
        .option('source', {
          choices: ['file', 'api'] as const,
          default: 'file' as const,
          describe: 'Sample files, or polls of an API that this program simulates',
        })
        .option('out', {
          type: 'string',
          default: 'out',
          requiresArg: true,
          describe: 'Folder for the documents: empty, new, or from an earlier demo',
        })
        .option('to', {
          choices: SCHEMAS,
          default: DEFAULT_SCHEMA,
          describe: 'Schema of the documents',
        }),
      ['ECS documents of every kind in out/', '$0 demo'],
      ['two polls, with a change of state between them', '$0 demo --source api'],
    ),
  handler: async (flags) => {
    const { demo } = await import('./demo.ts');
    const { ledgerReport, printLine: print, screenFor } = await import('../output.ts');
    const { source, out, to: schema } = flags;
    const screen = screenFor(flags);
    process.exitCode = await demo({ source, out, schema, screen, print, report: await ledgerReport(flags) });
  },
};
