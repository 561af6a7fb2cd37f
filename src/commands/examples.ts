import type { Argv } from 'yargs';

/** What a command does, and the command as a shell takes it. */
type Example = readonly [what: string, command: string];

/**
 * Examples below the help of a command. Each has a line of its own: yargs' columns wrap what is longer than half a terminal,
 * and nobody can copy that.
 */
export function withExamples<T>(args: Argv<T>, ...examples: readonly Example[]): Argv<T> {
  const lines = examples.flatMap(([what, command]) => [`  # ${what}`, `  ${command}`]);
  return args.epilogue(['Examples:', ...lines].join('\n'));
}
