import * as z from 'zod';
import { DAY_MS } from '../contracts/units.ts';
import { conditional } from './meaningless.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 604_800_000,
};
const LONGEST_MS = 100 * 365 * DAY_MS;

/** Milliseconds in `7d`, `24h`, `1h30m`, `10s`, `500ms`; undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim();
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(compact)) return undefined;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  }
  return total <= LONGEST_MS ? Math.round(total) : undefined;
}

/** Inclusive bounds, written as in a configuration. */
interface Range {
  readonly min: string;
  readonly max: string;
}

const SHAPE = 'expected a duration such as 10s, 5m, 24h or 7d';

/** In most configurations a bare number means seconds. */
function shapeOf({ input }: { readonly input?: unknown }): string {
  return /^\d{1,6}$/.test(String(input)) ? `expected a duration with a unit: write ${String(input)}s` : SHAPE;
}

function milliseconds(range: Range | undefined) {
  const min = parseDuration(range?.min ?? '') ?? 0;
  const max = parseDuration(range?.max ?? '') ?? LONGEST_MS;
  return (text: string, context: z.RefinementCtx<string>): number => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= min && ms <= max) return ms;
    const message =
      ms === undefined || range === undefined
        ? shapeOf({ input: text })
        : `expected ${range.min} to ${range.max}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
}

/** An option written as `7d` and read as milliseconds. */
export function duration(standard: string, range?: Range) {
  return z.string({ error: shapeOf }).default(standard).transform(milliseconds(range));
}

/**
 * Like `duration`, for an option that others can make meaningless: undefined unless given. The code that reads it fills
 * in `standard`.
 */
export function durationIfGiven(standard: string, range?: Range) {
  return z.string({ error: shapeOf }).meta(conditional(standard)).transform(milliseconds(range)).optional();
}
