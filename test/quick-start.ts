/**
 * Flags that save a third of the cost of starting the program: it ends before V8's optimizing compiler pays off, and
 * loads its modules without a garbage collection. For tests of what the program does, not of what it costs.
 */
export const QUICK_START: readonly string[] = ['--no-opt', '--min-semi-space-size=16'];
