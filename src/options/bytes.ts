import * as z from 'zod';

export const KIB = 2 ** 10;
export const MIB = 2 ** 20;

/** An option that limits a size in bytes. */
export function bytes(standard: number, { min, max }: { readonly min: number; readonly max?: number }) {
  const atLeast = z.int().min(min);
  return (max === undefined ? atLeast : atLeast.max(max)).default(standard);
}
