import { readFileSync } from 'node:fs';
import type { Argv, CommandModule } from 'yargs';
import { packageFile } from '../../contracts/package.ts';
import { withExamples } from '../examples.ts';

const SCHEMAS = [
  'config',
  'mapping',
  'mapping-common',
  'ledger',
  'dead-letter',
  'verification',
  'examination',
  'state',
  'explanation',
] as const;

interface SchemaFlags {
  readonly name: (typeof SCHEMAS)[number];
}

export const schemaCommand: CommandModule<object, SchemaFlags> = {
  command: 'schema [name]',
  describe: 'Print a JSON Schema: for the configuration, a mapping, or the output of commands',
  builder: (args: Argv) =>
    withExamples(
      args.positional('name', { choices: SCHEMAS, default: 'config' as const, describe: 'Which' }),
      ['for your editor', '$0 schema > stepsecurity-siem.schema.json'],
      ['for the output of run', '$0 schema ledger'],
    ),
  handler: async ({ name }) => {
    const { printLine } = await import('../output.ts');
    const path = packageFile(`schemas/${name}.schema.json`);
    printLine(readFileSync(path, 'utf8').trimEnd());
  },
};
