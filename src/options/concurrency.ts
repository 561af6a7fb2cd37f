import { z } from 'zod';

/** An option that says how many of something are under way at once. */
export function concurrency(standard: number, max: number) {
  return z.int().min(1).max(max).default(standard);
}
