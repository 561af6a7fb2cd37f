import type { Json, JsonObject } from '../contracts/types.ts';
import { parseShallow } from '../records/shallow-json.ts';
import { type Cleaner, cleanObject, cleanValue } from './members.ts';
import { bare } from './names.ts';
import type { RedactionOptions } from './options.ts';
import { linearPattern } from './pattern.ts';
import { createSecretFinder, type Reading } from './scan.ts';
import { SHAPES } from './shapes/index.ts';
import { masked, type Span } from './span.ts';
import { hasViews } from './views.ts';

/** Called for each mask with the name of the rule. */
type Count = (rule: string) => void;

/**
 * Removes secrets from everything that leaves the program. Compiled once. Redacting its output again changes nothing.
 */
export interface Redactor {
  /** Whether a record's raw JSON may contain a secret. If not, redaction would change nothing. */
  readonly mayHold: (raw: string) => boolean;
  readonly text: (text: string) => string;
  readonly value: (value: Json) => Json;
  readonly object: (object: JsonObject, count?: Count) => JsonObject;
  /**
   * A record's raw text, made safe for a dead letter. JSON is redacted member by member, anything else as text. `cut`:
   * it is only the beginning of a longer text, and may end in the middle of a secret.
   */
  readonly raw: (raw: string, cut?: boolean) => string;
}

const AS_IS: Reading = { cut: false, plain: false };
const CUT: Reading = { cut: true, plain: false };

const NOTHING: RedactionOptions = { patterns: [], names: [], exceptions: [] };

export function createRedactor(options: RedactionOptions = NOTHING): Redactor {
  const extra = new Set(options.names.map(bare));
  const finder = createSecretFinder(extra);
  const own = options.patterns.flatMap(({ rule: name, pattern }) => {
    const compiled = linearPattern(pattern);
    return compiled === undefined ? [] : [{ name, compiled }];
  });
  const exceptions = options.exceptions.flatMap((source) => linearPattern(source) ?? []);
  const rank = ranking(own.map(({ name }) => name));

  const excepted = (value: string): boolean => exceptions.some((pattern) => pattern.isAll(value));

  const spansOf = (text: string, reading: Reading): readonly Span[] => {
    const spans: Span[] = [...finder.spansOf(text, reading)];
    for (const { name, compiled } of own) {
      for (const [from, to] of compiled.matches(text)) spans.push({ from, to, rule: name });
    }
    return exceptions.length === 0 ? spans : spans.filter(({ from, to }) => !excepted(text.slice(from, to)));
  };

  const clean = (text: string, reading: Reading, count: Count | undefined): string => {
    const spans = text === '' ? [] : spansOf(text, reading);
    return spans.length === 0 ? text : masked(text, spans, rank, count);
  };

  const cleanerOf = (count: Count | undefined): Cleaner => ({
    text: (text) => clean(text, AS_IS, count),
    extra,
    count,
    excepted,
  });

  return {
    mayHold: (raw) => own.length > 0 || hasViews(raw) || finder.mayHold(raw),
    text: (text) => clean(text, AS_IS, undefined),
    value: (value) => cleanValue(value, cleanerOf(undefined)),
    object: (object, count) => cleanObject(object, cleanerOf(count)),
    raw(raw, cut = false) {
      if (!cut) {
        try {
          return JSON.stringify(cleanValue(parseShallow(raw), cleanerOf(undefined)));
        } catch {
          // Not JSON: read as text.
        }
      }
      return clean(raw, cut ? CUT : AS_IS, undefined);
    },
  };
}

/** Shapes are more specific than names, and the operator's own patterns more specific than shapes. */
function ranking(own: readonly string[]): (rule: string) => number {
  const ranks = new Map<string, number>();
  for (const name of own) ranks.set(name, 0);
  for (const { name } of SHAPES) ranks.set(name, ranks.get(name) ?? 1);
  return (rule) => ranks.get(rule) ?? 2;
}

/** Only our own rules: for what is printed before a configuration is read, and where there is none. */
export const DEFAULT_REDACTOR = createRedactor();

const COMPILED = new WeakMap<RedactionOptions, Redactor>();

/** The redactor of a configuration, compiled once for all its users. */
export function redactorOf(options: RedactionOptions): Redactor {
  const { patterns, names, exceptions } = options;
  if (patterns.length + names.length + exceptions.length === 0) return DEFAULT_REDACTOR;
  const known = COMPILED.get(options) ?? createRedactor(options);
  COMPILED.set(options, known);
  return known;
}
