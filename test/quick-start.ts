/**
 * Flags that save a third of what a start of the program costs: it ends before V8's optimizing compiler pays off, and loads
 * its modules without a collection of garbage. For what tests what the program does, not what it costs.
 */
export const QUICK_START: readonly string[] = ['--no-opt', '--min-semi-space-size=16'];
