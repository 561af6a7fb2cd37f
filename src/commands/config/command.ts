import type { Argv, CommandModule } from 'yargs';
import { withExamples } from '../examples.ts';
import { type FlagValues, overridesOf, withConfigFlags } from '../flags.ts';

export const configCommand: CommandModule<object, FlagValues> = {
  command: 'config',
  describe: 'Print the effective configuration and where each value comes from; secrets are masked',
  builder: (args: Argv) => withExamples(withConfigFlags(args), ['as YAML that run accepts', '$0 config']),
  handler: async (flags) => {
    const { readConfig } = await import('../../config/load.ts');
    const { effective } = await import('./effective.ts');
    const { printLine } = await import('../output.ts');
    printLine(effective(readConfig(flags.config, overridesOf(flags))).trimEnd());
  },
};
