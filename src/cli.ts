#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { backfillCommand } from './commands/backfill.ts';
import { checkCommand } from './commands/check.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { demoCommand } from './commands/demo.ts';
import { mapCommand } from './commands/map.ts';
import { runCommand } from './commands/run.ts';
import { setupCommand } from './commands/setup.ts';
import { stateCommand } from './commands/state.ts';
import { verifyCommand } from './commands/verify.ts';
import { ConfigError } from './errors.ts';
import { keepHeapSmall } from './heap.ts';

keepHeapSmall();

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const cli = yargs(hideBin(process.argv))
  .scriptName('stepsecurity-siem')
  .usage(
    '$0 <command>\n\nCarries StepSecurity Harden-Runner detections into Elasticsearch (ECS) or Splunk (CIM).',
  )
  .command(runCommand)
  .command(backfillCommand)
  .command(mapCommand)
  .command(checkCommand)
  .command(setupCommand)
  .command(deadLettersCommand)
  .command(verifyCommand)
  .command(stateCommand)
  .command(demoCommand)
  .demandCommand(1, 'Name a command.')
  .strict()
  .recommendCommands()
  .version(version)
  .help()
  .alias('help', 'h')
  .epilogue(
    'Exit codes: 0 done · 1 our bug · 2 configuration or credentials · 3 something was dead-lettered · 4 source or sink unavailable, run again · 5 another run holds the lease',
  )
  .wrap(Math.min(110, process.stdout.columns ?? 110))
  .exitProcess(false)
  .fail((message, error) => {
    // Some wrong words come as an error of yargs' own: they are the operator's to fix like the others.
    if (error !== undefined && error.name !== 'YError') throw error;
    throw new ConfigError(`${message}\nSee stepsecurity-siem --help, or --help behind a command.`);
  });

// A reader that closes early (`| head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await cli.parseAsync();
} catch (error) {
  const { describeError, exitCodeOf } = await import('./pipeline/exit.ts');
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = exitCodeOf(error, 0);
}
