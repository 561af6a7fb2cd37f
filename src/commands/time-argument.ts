import { ConfigError } from '../contracts/errors.ts';
import type { TimeRange } from '../contracts/source.ts';

/** Converts a day or an RFC 3339 time from the command line to epoch milliseconds; UTC without an offset. */
export function parseTimeArgument(flag: string, text: string): number {
  const match = /^\d{4}-\d{2}-\d{2}(?:[T ](\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(
    text,
  );
  const zoned = match?.[1] === undefined || match[4] !== undefined ? text : `${text}Z`;
  const ms = match === null ? Number.NaN : Date.parse(zoned);
  // February 30 would otherwise become March 2.
  const day = text.slice(0, 10);
  const isDay = Number.isNaN(ms) || new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  if (Number.isNaN(ms) || !isDay)
    throw new ConfigError(`${flag}: expected a day or a time such as 2026-01-31 or 2026-01-31T08:00:00Z`);
  return ms;
}

/** Throws `ConfigError` for an empty range. */
export function checkRange({ from, to }: TimeRange): void {
  if (from !== undefined && to !== undefined && from >= to)
    throw new ConfigError('--to must be later than --from');
}
