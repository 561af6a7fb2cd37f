#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { describeError, exitCodeOf } from './account/exit.ts';
import { backfillCommand } from './commands/backfill/command.ts';
import { checkCommand } from './commands/check/command.ts';
import { deadLettersCommand } from './commands/dead-letters/command.ts';
import { demoCommand } from './commands/demo/command.ts';
import { mapCommand } from './commands/map/command.ts';
import { runCommand } from './commands/run/command.ts';
import { setupCommand } from './commands/setup/command.ts';
import { stateCommand } from './commands/state/command.ts';
import { verifyCommand } from './commands/verify/command.ts';
import { ConfigError } from './contracts/errors.ts';
import { keepHeapSmall } from './heap.ts';
import { finalDiskError } from './io/disk.ts';
import { createLog } from './session/log.ts';

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

// Certificates are verified, always. Node reads the variable at each connection and prints a warning of its own.
if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  createLog('warn').warn(
    { variable: 'NODE_TLS_REJECT_UNAUTHORIZED' },
    'certificates are verified all the same; set ca_file for an authority of your own, and take the variable out',
  );
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A sink that writes there says itself what it means.
  if (process.stdout.listenerCount('error') > 1) return;
  // The reader has stopped (`| head`). The command still comes to its end: it may hold a lease, and its exit code counts.
  if (error.code === 'EPIPE') return;
  const meaning = finalDiskError(error, 'write to standard output');
  process.stderr.write(`${describeError(meaning)}\n`);
  process.exit(exitCodeOf(meaning, 0));
});

try {
  await cli.parseAsync();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = exitCodeOf(error, 0);
}
