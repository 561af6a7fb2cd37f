import type { Argv, CommandModule } from 'yargs';
import type { Finding } from '../../contracts/types.ts';
import { withExamples } from '../examples.ts';
import { type FlagValues, type JsonFlag, overridesOf, withConfigFlags, withJsonFlag } from '../flags.ts';

export const checkCommand: CommandModule<object, FlagValues & JsonFlag> = {
  command: 'check',
  describe: 'Check configuration, credentials, source, state and sink without changing anything',
  builder: (args: Argv) =>
    withExamples(withJsonFlag(withConfigFlags(args)), ['a row for each check, with its fix', '$0 check']),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { doctor } = await import('./doctor.ts');
    const { examinationOf } = await import('./examination.ts');
    const { printLine, screenFor } = await import('../output.ts');
    const { printableJson } = await import('../../text/printable.ts');
    const started = Date.now();
    const route = loadRoute(flags.config, overridesOf(flags));
    const findings: Finding[] = [
      {
        check: 'configuration',
        status: 'ok',
        detail: flags.config === undefined ? 'the flags are valid' : `${flags.config} is valid`,
      },
    ];
    for await (const finding of doctor(route)) findings.push(finding);
    const examination = examinationOf(findings, started);
    const screen = screenFor(flags);
    if (screen === undefined) printLine(printableJson(examination));
    else {
      const { examinationScreen } = await import('./screen.ts');
      printLine(examinationScreen(examination, screen));
    }
    process.exitCode = examination.exit_code;
  },
};
