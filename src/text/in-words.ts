import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';

type Raw = z.core.$ZodRawIssue;

/** How messages name a type that was found instead of the expected one. */
const NOUNS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'keys and values',
  record: 'keys and values',
  string: 'text',
};

/**
 * For zod's `error`: describes what is wrong with a value in our own words, unless the schema has a message of its own.
 * Never quotes the value, which may be a secret.
 */
export function inWords({ code, input, ...issue }: Raw): string | undefined {
  switch (code) {
    case 'invalid_type': {
      const type = String(issue['expected']);
      const wanted = `expected ${NOUNS[type] ?? type}`;
      return input === undefined ? `missing; ${wanted}` : `${wanted}, got ${nounOf(input)}`;
    }
    case 'too_small':
      return boundOf(input, 'at least', Number(issue['minimum']));
    case 'too_big':
      return boundOf(input, 'at most', Number(issue['maximum']));
    case 'invalid_value':
      return choiceOf(input, (issue['values'] as readonly unknown[]).map(String));
    case 'invalid_format':
      return issue['format'] === 'url' ? 'expected a URL such as https://host.example:9200' : undefined;
    default:
      return undefined;
  }
}

/** The word in a list that is spelled almost the same, or that is a prefix of the given one or the reverse. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const found = closest(word, words);
  if (distance(word, found) <= (found.length < 5 ? 1 : 2)) return found;
  return words.find((one) => (one.startsWith(word) && word.length > 2) || word.startsWith(one));
}

function nounOf(input: unknown): string {
  if (input === null) return 'nothing';
  return NOUNS[Array.isArray(input) ? 'array' : typeof input] ?? typeof input;
}

function boundOf(input: unknown, bound: string, limit: number): string {
  if (typeof input === 'number') return `expected ${bound} ${limit}`;
  if (bound === 'at least' && limit === 1) return Array.isArray(input) ? 'expected at least one' : 'is empty';
  return `expected ${bound} ${limit} ${Array.isArray(input) ? 'entries' : 'characters'}`;
}

function choiceOf(input: unknown, values: readonly string[]): string {
  if (input === undefined) return `missing; expected ${listed(values)}`;
  const near = typeof input === 'string' ? nearest(input.toLowerCase(), values) : undefined;
  return `expected ${listed(values)}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

/** `a, b or c` */
export function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(words);
}
