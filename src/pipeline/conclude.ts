import type { Config } from '../config/schema.ts';
import type { Log } from '../contracts/types.ts';
import { sinkOf } from '../sinks/index.ts';
import { sourceOf } from '../sources/index.ts';
import { printableJson } from '../text/printable.ts';
import { describeError, exitCodeOf } from './exit.ts';
import { closeLedger, type Ledger } from './ledger.ts';
import type { Tally } from './tally.ts';

/** How a command without a checkpoint ended. */
export interface Ending {
  readonly command: Ledger['command'];
  readonly started: number;
  readonly tally: Tally;
  readonly counters: ReadonlyMap<string, number>;
  readonly error: unknown;
  /** It came to its end: what a signal stopped is to be run again, exit 4. */
  readonly complete: boolean;
  readonly dryRun?: true;
}

/** Logs what stopped it, prints the ledger, and gives the exit code. */
export function conclude(config: Config, log: Log, print: (line: string) => void, ending: Ending): number {
  const { error, ...rest } = ending;
  const exitCode = exitCodeOf(error, ending.tally.dead_lettered);
  const reason = error === undefined ? undefined : describeError(error);
  if (reason !== undefined) log.error({ exit_code: exitCode, reason }, `the ${ending.command} stopped`);
  const ledger = closeLedger({
    ...rest,
    exitCode,
    ...(reason === undefined ? {} : { error: reason.split('\n', 1)[0] ?? '' }),
    source: sourceOf(config.source).name,
    sink: sinkOf(config.sink).name,
    abandoned: 0,
  });
  print(printableJson(ledger));
  return exitCode;
}
