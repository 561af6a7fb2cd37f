import type { Json } from '../contracts/types.ts';
import { text } from './scalars.ts';

/** The address of a page, safe to be clicked: nothing that a browser would run. */
export function webAddress(value: Json | undefined): string | undefined {
  const address = text(value);
  return address !== undefined && /^https?:\/\//i.test(address) ? address : undefined;
}
