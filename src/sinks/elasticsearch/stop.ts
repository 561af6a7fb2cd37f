import { ConfigError, UnavailableError } from '../../contracts/errors.ts';
import type { ItemVerdict } from './items.ts';

/** Throws for a verdict that stops the run. */
export function stopOn(verdict: ItemVerdict, stream: string): void {
  if (verdict.is === 'credentials')
    throw new ConfigError(`writing to ${stream} is not permitted: ${verdict.reason}`);
  if (verdict.is === 'unavailable')
    throw new UnavailableError(`${stream} cannot be written to: ${verdict.reason}`);
}
