import { ConfigError } from '../contracts/errors.ts';
import type { TimeRange } from '../contracts/source.ts';

/** A day or an RFC 3339 time of the command line in epoch milliseconds; without an offset it is UTC. */
export function parseTimeArgument(flag: string, text: string): number {
  const match = /^\d{4}-\d{2}-\d{2}(?:[T ](\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(
    text,
  );
  const zoned = match?.[1] === undefined || match[4] !== undefined ? text : `${text}Z`;
  const ms = match === null ? Number.NaN : Date.parse(zoned);
  // The 30th of February would be taken for the 2nd of March.
  const day = text.slice(0, 10);
  const isDay = Number.isNaN(ms) || new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  if (Number.isNaN(ms) || !isDay)
    throw new ConfigError(`${flag}: expected a day or a time such as 2026-01-31 or 2026-01-31T08:00:00Z`);
  return ms;
}

/** Throws `ConfigError` for a range that holds no time. */
export function checkRange({ from, to }: TimeRange): void {
  if (from !== undefined && to !== undefined && from >= to)
    throw new ConfigError('--to must be later than --from');
}
