import type { Argv } from 'yargs';

/** What a command does, and the command as typed into a shell. */
type Example = readonly [what: string, command: string];

/**
 * Examples below the help of a command, one per line: yargs' columns would wrap anything longer than half a terminal,
 * and then no one could copy it.
 */
export function withExamples<T>(args: Argv<T>, ...examples: readonly Example[]): Argv<T> {
  const lines = examples.flatMap(([what, command]) => [`  # ${what}`, `  ${command}`]);
  return args.epilogue(['Examples:', ...lines].join('\n'));
}
