import { DAY_MS } from '../contracts/units.ts';

const EARLIEST = Date.UTC(2015, 0, 1);

/** A full RFC 3339 date-time; Date.parse would also take "2025" or "July 4". */
const RFC3339 = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?$/i;
/** Other unambiguous forms: ISO 8601 with a comma or without seconds, and times as Go prints them. */
const ISO8601 =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|GMT|[+-]\d{2}:?\d{2})(?: [A-Z]{3,4})?)?$/i;
/** RFC 1123, as in HTTP and mail. */
const RFC1123 = /^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4} \d{2}:\d{2}:\d{2} (?:GMT|UTC|[+-]\d{4})$/i;
const EPOCH = /^(?:\d{10}(?:\.\d+)?|\d{13}|\d{16}|\d{19}|\d\.\d{1,9}E\+?0?9)$/i;

/**
 * Epoch milliseconds of a vendor timestamp, given as text or number: epoch seconds, milli-, micro- or nanoseconds (10,
 * 13, 16 or 19 digits), RFC 3339 and ISO 8601 with up to nine fraction digits (truncated to milliseconds; UTC if no
 * zone is given), RFC 1123. Undefined for anything else, and for times outside 2015 … now + 1 day.
 */
export function parseTime(value: unknown, now = Date.now()): number | undefined {
  const ms = toMillis(value);
  if (ms === undefined || ms < EARLIEST || ms > now + DAY_MS) return undefined;
  return ms;
}

function toMillis(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? fromEpoch(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (EPOCH.test(text)) return fromEpoch(Number(text));
  if (RFC3339.test(text)) return fromDate(text);
  return fromIso(text) ?? fromMail(text);
}

/** Whether every receiver can read a date's text: few accept a leap second or hour 24. */
export function isRfc3339(text: string): boolean {
  return text.includes('T') && RFC3339.test(text) && !/T24|:60/.test(text);
}

function fromDate(text: string): number | undefined {
  // A leap second counts as the start of the next minute.
  const leap = text.slice(17, 19) === '60';
  const known = leap ? `${text.slice(0, 17)}59${text.slice(19)}` : text;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/i.test(known) ? known : `${known}Z`;
  const parsed = Date.parse(zoned);
  return Number.isNaN(parsed) || !isDay(text) ? undefined : parsed + (leap ? 1_000 : 0);
}

function fromIso(text: string): number | undefined {
  const match = ISO8601.exec(text.replace(/ m=[+-][\d.]+$/, ''));
  if (match === null) return undefined;
  const [, date, minutes, seconds = '00', fraction = '0', zone = 'Z'] = match;
  return fromDate(`${date}T${minutes}:${seconds}.${fraction}${/[a-z]/i.test(zone) ? 'Z' : zone}`);
}

function fromMail(text: string): number | undefined {
  if (!RFC1123.test(text)) return undefined;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** Date.parse turns February 30 into March 2. */
function isDay(date: string): boolean {
  const day = Number(date.slice(8, 10));
  if (day <= 28) return true;
  return day <= new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate();
}

/** The magnitude tells the unit: their ranges will not overlap for centuries. */
function fromEpoch(value: number): number {
  if (value < 1e11) return Math.trunc(value * 1_000);
  if (value < 1e14) return Math.trunc(value);
  return Math.trunc(value / (value < 1e17 ? 1e3 : 1e6));
}

/** Dates by day number. Stays small: detections arrive day by day, along with the day of receipt. */
const DATES = new Map<number, string>();
const TWO = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** ISO 8601 in UTC with milliseconds, like `Date.toISOString` but several times as fast. */
export function toIso(ms: number): string {
  const day = Math.floor(ms / DAY_MS);
  const rest = ms - day * DAY_MS;
  const seconds = (rest / 1_000) | 0;
  const fraction = rest - seconds * 1_000;
  const minutes = (seconds / 60) | 0;
  const time = `${TWO[(minutes / 60) | 0]}:${TWO[minutes % 60]}:${TWO[seconds % 60]}`;
  return `${DATES.get(day) ?? remember(day)}${time}.${fraction === 0 ? '000' : String(fraction).padStart(3, '0')}Z`;
}

function remember(day: number): string {
  if (DATES.size > 1_000) DATES.clear();
  const date = new Date(day * DAY_MS).toISOString().slice(0, 11);
  DATES.set(day, date);
  return date;
}
