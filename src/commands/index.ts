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
    .demandCommand(1, 'Specify a command.')
    .strict()
    .recommendCommands()
    .version(VERSION)
    .help()
    .alias('help', 'h')
    .epilogue(
      'Exit codes: 0 done · 1 bug in this program · 2 configuration or credentials · 3 something was dead-lettered · 4 source or sink unavailable, run again · 5 another run holds the lease',
    )
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message, error) => {
      // yargs reports some mistakes as errors of its own class; like the others, they are for the operator to fix.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new ConfigError(`${message}\nSee stepsecurity-siem --help, or add --help to a command.`);
    });

/** Methods that yargs' own types omit. */
interface Internals {
  getInternalMethods(): { getUsageInstance(): { cacheHelpMessage: () => void } };
}

/**
 * Each time it starts a command, yargs also renders the help, in case someone asks for it later: a tenth of what a
 * short command costs. Here no one can ask later, because help is printed in place of the command.
 */
function writesNoHelpInStock<Parser extends object>(parser: Parser): Parser {
  (parser as Parser & Internals).getInternalMethods().getUsageInstance().cacheHelpMessage = () => undefined;
  return parser;
}

/** Executes a command line. Sets `process.exitCode`, and reports problems on standard error. Never throws. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  try {
    refuseMissingDirectory();
    await writesNoHelpInStock(cli(args)).parseAsync();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = exitCodeOf(error, 0);
  }
}

/** yargs and relative paths need the working directory, and Node's own error only says `uv_cwd`. */
function refuseMissingDirectory(): void {
  try {
    process.cwd();
  } catch (error) {
    throw new ConfigError('the working directory no longer exists: change to one that does', {
      cause: error,
    });
  }
}

/** For a command that offers to start another. */
async function start(args: readonly string[]): Promise<number> {
  await runCommandLine(args);
  return Number(process.exitCode ?? 0);
}
