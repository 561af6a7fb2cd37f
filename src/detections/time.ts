const EARLIEST = Date.UTC(2015, 0, 1);
const DAY = 86_400_000;

/**
 * Epoch milliseconds of a vendor timestamp: epoch seconds as text or number (10 digits), epoch milliseconds (13 digits),
 * or RFC 3339 with up to nine fraction digits (cut to milliseconds). Undefined when it does not parse or lies outside
 * 2015 … now + 1 day (reference: field-models §2, §7 rows 1, 2, 4).
 */
export function parseTime(value: unknown, now = Date.now()): number | undefined {
  const ms = toMillis(value);
  if (ms === undefined || ms < EARLIEST || ms > now + DAY) return undefined;
  return ms;
}

function toMillis(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? fromEpoch(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d{10}(\.\d+)?$|^\d{13}$/.test(text)) return fromEpoch(Number(text));
  // Date.parse would also take "2025" or "July 4": only a full RFC 3339 date-time counts.
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?$/i.test(text))
    return undefined;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`;
  const parsed = Date.parse(zoned);
  return Number.isNaN(parsed) ? undefined : parsed;
}

function fromEpoch(value: number): number {
  return Math.trunc(value < 100_000_000_000 ? value * 1_000 : value);
}

let lastMs = Number.NaN;
let lastIso = '';

/** ISO 8601 in UTC with milliseconds. Remembers the last answer: detections of one run share their second. */
export function toIso(ms: number): string {
  if (ms === lastMs) return lastIso;
  lastMs = ms;
  lastIso = new Date(ms).toISOString();
  return lastIso;
}
