import { isIP } from 'node:net';
import { parseTime, toIso } from '../../text/time.ts';
import type { Rule } from '../language.ts';
import { scalarText } from '../scalar.ts';

/** The conversions of `as`; undefined if a value cannot be converted. */
export const CONVERSIONS: Record<
  NonNullable<Exclude<Rule, string | number | boolean | unknown[]>['as']>,
  (value: unknown) => unknown
> = {
  integer: (value) => {
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    return Number.isSafeInteger(number) ? number : undefined;
  },
  date: (value) => {
    const ms = parseTime(value);
    return ms === undefined ? undefined : toIso(ms);
  },
  ip: (value) => (typeof value === 'string' && isIP(value) !== 0 ? value : undefined),
  lower: (value) => (typeof value === 'string' ? value.toLowerCase() : undefined),
  list: (value) =>
    value === undefined || value === null ? undefined : Array.isArray(value) ? value : [value],
  boolean: (value) =>
    value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined,
  string: scalarText,
};
