import { it } from '@jest/globals';

/**
 * Whether the long way is taken: CI and `npm run test:full` give each hostile input a program of its own and full sizes;
 * `npm test` lets them share one. What takes minutes even so is a file `*.long.test.ts`, which `npm test` leaves out.
 */
export const FULL = process.env['FULL'] === '1';

/** `long` where the long way is taken, `short` for `npm test`: of a size, or of how many rows of a table. */
export const sized = (long: number, short: number): number => (FULL ? long : short);

/** The rows of a table: all of them, or the first `few` for `npm test`. */
export const rows = <Row>(few: number, all: readonly Row[]): readonly Row[] =>
  FULL ? all : all.slice(0, few);

/** How many of something that is drawn at random: a quarter of it does for `npm test`, whose next run draws others. */
export const draws = (count: number): number => (FULL ? count : Math.ceil(count / 4));

/**
 * A test of the long way alone. Otherwise it is not registered: CI takes a test that is skipped for a server that was not
 * there, which is a failure.
 */
export function itInFull(...test: Parameters<typeof it>): void {
  if (FULL) it(...test);
}
