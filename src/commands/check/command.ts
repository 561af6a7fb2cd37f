import type { Argv, CommandModule } from 'yargs';
import type { Finding } from '../../contracts/types.ts';
import { spoken } from '../../redaction/spoken.ts';
import { printableLines } from '../../text/printable.ts';
import { type FlagValues, overridesOf, withConfigFlags } from '../flags.ts';

const MARKS: Record<Finding['status'], string> = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' };

export const checkCommand: CommandModule<object, FlagValues> = {
  command: 'check',
  describe: 'Look at configuration, credentials, source, state and sink; change nothing',
  builder: (args: Argv) =>
    withConfigFlags(args).example('$0 check --config config.yaml', 'one line per check, with the fix'),
  handler: async (flags) => {
    const { loadRoute } = await import('../../config/route.ts');
    const { doctor } = await import('./doctor.ts');
    const { printLine } = await import('../output.ts');
    const route = loadRoute(flags.config, overridesOf(flags));
    printLine(`${MARKS.ok} configuration: ${flags.config ?? 'the flags'} is valid`);
    let failed = false;
    for await (const finding of doctor(route)) {
      failed ||= finding.status === 'failed';
      printLine(`${MARKS[finding.status]} ${printableLines(spoken(`${finding.check}: ${finding.detail}`))}`);
      if (finding.fix !== undefined) printLine(`        → ${finding.fix}`);
    }
    process.exitCode = failed ? 2 : 0;
  },
};
