import type { Argv, CommandModule } from 'yargs';
import { DEFAULT_SCHEMA, SCHEMAS, type Schema } from '../../contracts/schema.ts';
import { withExamples } from '../examples.ts';
import { type FlagValues, type JsonFlag, overridesOf, withConfigFlags, withJsonFlag } from '../flags.ts';

type Flags = FlagValues &
  JsonFlag & {
    readonly files?: readonly string[] | undefined;
    readonly to: Schema;
    readonly explain: boolean;
  };

export const mapCommand: CommandModule<object, Flags> = {
  command: 'map [files..]',
  describe: 'Convert records to mapped documents',
  builder: (args: Argv) =>
    withExamples(
      withJsonFlag(withConfigFlags(args))
        .positional('files', {
          type: 'string',
          array: true,
          describe: 'Files, folders or globs; - is standard input',
        })
        .option('to', { choices: SCHEMAS, default: DEFAULT_SCHEMA, describe: 'Schema of the documents' })
        .option('explain', {
          type: 'boolean',
          default: false,
          describe: 'Instead of documents: which member became which field, by which rule',
        }),
      ['ECS documents as NDJSON', '$0 map detections.json'],
      ['what became of each field', '$0 map --explain detection.json'],
      ['CIM, from standard input', 'cat export.ndjson | $0 map - --to cim'],
    ),
  handler: async (flags) => {
    const { mapFiles } = await import('./map-files.ts');
    const { screenFor } = await import('../output.ts');
    const { loadShaping } = await import('../../config/shaping.ts');
    const shaping = loadShaping(flags.config, overridesOf(flags));
    process.exitCode = await mapFiles({
      shaping,
      files: flags.files === undefined || flags.files.length === 0 ? ['-'] : flags.files,
      schema: flags.to,
      explain: flags.explain ? { screen: screenFor(flags) } : undefined,
      out: (text) => process.stdout.write(text, endWithReader),
      err: (text) => process.stderr.write(text),
    });
  },
};

/** It holds no resources and may write endlessly: once the reader has stopped, there is nothing left to do. */
function endWithReader(error: NodeJS.ErrnoException | null | undefined): void {
  if (error?.code === 'EPIPE') process.exit(0);
}
