import { isIP } from 'node:net';
import type { Detection } from '../detections/detection.ts';
import { parseTime, toIso } from '../detections/time.ts';
import type { Rule } from './schema.ts';
import { ABSENT, serialise, verbatim } from './text.ts';

/** A compiled rule: the JSON text of its value for one detection, or ABSENT. */
export interface Value {
  readonly write: (detection: Detection) => string;
  /** The text, when it is the same for every detection. */
  readonly constant?: string;
  /** Facts of which one must be present, else the value is absent; unknown when undefined. */
  readonly needs?: readonly string[];
}

export type Getter = (detection: Detection) => unknown;

/** Roots whose value is written as it is: what is kept is kept whole. */
const VERBATIM = new Set(['payload', 'unmapped']);

/** Facts whose lists and objects are made once per kind, not per detection: their text is remembered. */
const SHARED = new Set(['threat', 'event']);

/** Compiles one of the language's three forms: a literal, `$path`, `{ from, as, map, default }`. */
export function compileRule(rule: Rule): Value {
  if (typeof rule === 'string' && rule.startsWith('$')) return compilePath(rule.slice(1));
  if (typeof rule !== 'object' || Array.isArray(rule)) return constant(serialise(rule));
  const getters = (Array.isArray(rule.from) ? rule.from : [rule.from]).map(getter);
  const convert = rule.as === undefined ? (value: unknown) => value : CONVERSIONS[rule.as];
  const table =
    rule.map === undefined
      ? undefined
      : new Map(Object.entries(rule.map).map(([key, to]) => [key, serialise(to)]));
  const fallback = rule.default === undefined ? ABSENT : serialise(rule.default);
  const froms = Array.isArray(rule.from) ? rule.from : [rule.from];
  return {
    ...(fallback === ABSENT ? { needs: froms.map(rootOf) } : {}),
    write: (detection) => {
      for (const get of getters) {
        const text = one(convert(get(detection)), table);
        if (text !== ABSENT) return text;
      }
      return fallback;
    },
  };
}

function one(value: unknown, table: ReadonlyMap<string, string> | undefined): string {
  if (value === undefined || value === null) return ABSENT;
  if (table === undefined) return serialise(value);
  return table.get(plain(value) ?? '') ?? ABSENT;
}

function compilePath(path: string): Value {
  const get = getter(path);
  const needs = [rootOf(path)];
  if (VERBATIM.has(path)) {
    return {
      needs,
      write: (detection) => {
        const value = get(detection);
        return value === undefined ? ABSENT : verbatim(value as never);
      },
    };
  }
  if (SHARED.has(rootOf(path))) return { needs, write: (detection) => remembered(get(detection)) };
  return { needs, write: (detection) => serialise(get(detection)) };
}

const TEXTS = new WeakMap<object, string>();

function remembered(value: unknown): string {
  if (typeof value !== 'object' || value === null) return serialise(value);
  const known = TEXTS.get(value);
  if (known !== undefined) return known;
  const text = serialise(value);
  TEXTS.set(value, text);
  return text;
}

function rootOf(path: string): string {
  return path.split('.', 1)[0] ?? path;
}

function constant(text: string): Value {
  return { write: () => text, constant: text };
}

/** Reads a dotted path; undefined as soon as a step is missing. Short paths get closures without a loop. */
export function getter(path: string): Getter {
  const [a = '', b, c, ...rest] = path.split('.');
  if (b === undefined) return (detection) => (detection as unknown as Record<string, unknown>)[a];
  if (c === undefined) return (detection) => step((detection as unknown as Record<string, unknown>)[a], b);
  if (rest.length === 0) {
    return (detection) => step(step((detection as unknown as Record<string, unknown>)[a], b), c);
  }
  return (detection) => {
    let value: unknown = detection;
    for (const key of path.split('.')) value = step(value, key);
    return value;
  };
}

function step(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

const CONVERSIONS: Record<
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
  string: plain,
};

/** A scalar as text: what a lookup table is keyed by. */
export function plain(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
