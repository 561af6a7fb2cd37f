import { it } from '@jest/globals';

/**
 * Whether this is the full suite, as in CI and with `npm run test:full`: each hostile input gets its own program, and
 * sizes are realistic; with `npm test` inputs share one program. Tests that take minutes even so are in
 * `*.long.test.ts` files, which `npm test` leaves out.
 */
export const FULL = process.env['FULL'] === '1';

/** `long` in the full suite, `short` with `npm test`: for a size, or for the number of rows of a table. */
export const sized = (long: number, short: number): number => (FULL ? long : short);

/** The rows of a table: all of them in the full suite, the first `few` with `npm test`. */
export const rows = <Row>(few: number, all: readonly Row[]): readonly Row[] =>
  FULL ? all : all.slice(0, few);

/** How many random cases to draw: for `npm test` a quarter is enough, since its next run draws others. */
export const draws = (count: number): number => (FULL ? count : Math.ceil(count / 4));

/**
 * A test for the full suite only. Elsewhere it is not registered at all: CI treats a skipped test as a server that did
 * not start, which is a failure.
 */
export function itInFull(...test: Parameters<typeof it>): void {
  if (FULL) it(...test);
}
