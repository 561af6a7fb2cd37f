import yargs from 'yargs';
import { describeError, exitCodeOf } from '../account/exit.ts';
import { ConfigError } from '../contracts/errors.ts';
import { VERSION } from '../contracts/version.ts';
import { backfillCommand } from './backfill/command.ts';
import { checkCommand } from './check/command.ts';
import { configCommand } from './config/command.ts';
import { deadLettersCommand } from './dead-letters/command.ts';
import { demoCommand } from './demo/command.ts';
import { initCommand } from './init/command.ts';
import { mapCommand } from './map/command.ts';
import { receiveCommand } from './receive/command.ts';
import { runCommand } from './run/command.ts';
import { schemaCommand } from './schema/command.ts';
import { setupCommand } from './setup/command.ts';
import { stateCommand } from './state/command.ts';
import { verifyCommand } from './verify/command.ts';

const cli = (args: readonly string[]) =>
  yargs([...args])
    .scriptName('stepsecurity-siem')
    .usage(
      '$0 <command>\n\nCarries StepSecurity Harden-Runner detections into Elasticsearch (ECS) or Splunk (CIM).',
    )
    .command(initCommand(start))
    .command(runCommand)
    .command(receiveCommand)
    .command(backfillCommand)
    .command(mapCommand)
    .command(checkCommand)
    .command(setupCommand)
    .command(deadLettersCommand)
    .command(verifyCommand)
    .command(stateCommand)
    .command(configCommand)
    .command(schemaCommand)
    .command(demoCommand)
    .completion('completion', 'Print a completion script for bash or zsh')
    .demandCommand(1, 'Name a command.')
    .strict()
    .recommendCommands()
    .version(VERSION)
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
      throw new ConfigError(`${message}\nSee stepsecurity-siem --help, or add --help to a command.`);
    });

/** yargs' own types leave these out. */
interface Internals {
  getInternalMethods(): { getUsageInstance(): { cacheHelpMessage: () => void } };
}

/**
 * Beside each command that it starts, yargs writes the help that nobody asked for, in case it is asked for later: a tenth of
 * what a short command costs. Nobody can ask later here: help that is wanted is printed in place of the command.
 */
function writesNoHelpInStock<Parser extends object>(parser: Parser): Parser {
  (parser as Parser & Internals).getInternalMethods().getUsageInstance().cacheHelpMessage = () => undefined;
  return parser;
}

/** Does what a command line says. Sets `process.exitCode`; says on standard error why it did not go well. Never throws. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  try {
    await writesNoHelpInStock(cli(args)).parseAsync();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = exitCodeOf(error, 0);
  }
}

/** For a command that offers another. */
async function start(args: readonly string[]): Promise<number> {
  await runCommandLine(args);
  return Number(process.exitCode ?? 0);
}
