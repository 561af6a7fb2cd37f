/**
 * Whether the long way is taken: CI and `npm run test:full` give each hostile input a program of its own and full sizes;
 * `npm test` lets them share one, and is done in two minutes.
 */
export const FULL = process.env['FULL'] === '1';

/** How many of something that is drawn at random: a quarter of it does for `npm test`, whose next run draws others. */
export const draws = (count: number): number => (FULL ? count : Math.ceil(count / 4));
