import * as z from 'zod';

/** An option that limits how many of something run concurrently. */
export function concurrency(standard: number, max: number) {
  return z.int().min(1).max(max).default(standard);
}
