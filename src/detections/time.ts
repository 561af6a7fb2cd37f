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
  return Number.isNaN(parsed) || !isDay(text) ? undefined : parsed;
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isDay(date: string): boolean {
  const day = Number(date.slice(8, 10));
  if (day <= 28) return true;
  return day <= new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate();
}

function fromEpoch(value: number): number {
  return Math.trunc(value < 100_000_000_000 ? value * 1_000 : value);
}

/** Dates by day number. Small: detections come day by day, beside the day of receipt. */
const DATES = new Map<number, string>();
const TWO = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** ISO 8601 in UTC with milliseconds, like `Date.toISOString`, several times as fast. */
export function toIso(ms: number): string {
  const day = Math.floor(ms / DAY);
  const rest = ms - day * DAY;
  const seconds = (rest / 1_000) | 0;
  const fraction = rest - seconds * 1_000;
  const minutes = (seconds / 60) | 0;
  const time = `${TWO[(minutes / 60) | 0]}:${TWO[minutes % 60]}:${TWO[seconds % 60]}`;
  return `${DATES.get(day) ?? remember(day)}${time}.${fraction === 0 ? '000' : String(fraction).padStart(3, '0')}Z`;
}

function remember(day: number): string {
  if (DATES.size > 1_000) DATES.clear();
  const date = new Date(day * DAY).toISOString().slice(0, 11);
  DATES.set(day, date);
  return date;
}
