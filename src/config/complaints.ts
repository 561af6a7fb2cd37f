import { z } from 'zod';
import { meantBy, nearest, typesAt } from './known-keys.ts';
import type { Written } from './yaml-file.ts';

type Raw = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

/** What a value of a type is called where another was found. */
const NOUNS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'keys and values',
  record: 'keys and values',
  string: 'text',
};

/** Our words for what is wrong with a value, where its schema has none of its own. Quotes no value: it may be a secret. */
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

/** One line for each thing that is wrong: where it is, what was expected, and what may have been meant. */
export function complaintsOf(issue: Issue, tree: unknown, lineOf: Written['lineOf']): string[] {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return nearestForm(issue.errors).flatMap((inner) =>
      complaintsOf({ ...inner, path: [...issue.path, ...inner.path] }, tree, lineOf),
    );
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const meant = meantBy(key, issue.path, tree);
      return at([...issue.path, key], lineOf, `unknown key${meant === undefined ? '' : `; ${meant}`}`);
    });
  }
  return [at(issue.path, lineOf, messageOf(issue, tree))];
}

/** Of a value that can have several forms, what is wrong with it as the one that it is most like. */
function nearestForm(forms: readonly (readonly Issue[])[]): readonly Issue[] {
  const fewest = Math.min(...forms.map(({ length }) => length));
  const [first = [], ...others] = forms.filter(({ length }) => length === fewest);
  const [issue] = first;
  if (issue === undefined || others.length === 0) return first;
  const names = [first, ...others].flat().map(({ path }) => path.join('.'));
  const message = `expected ${listed([...new Set(names)])}`;
  return [{ ...issue, code: 'custom', path: issue.path.slice(0, -1), message }];
}

/** A complaint about a key, with the line it is on. */
export function at(path: readonly PropertyKey[], lineOf: Written['lineOf'], message: string): string {
  const line = lineOf(path);
  const place = path.length === 0 ? '' : `${path.map(String).join('.')}: `;
  return `${line === undefined ? '' : `line ${line}: `}${place}${message}`;
}

function messageOf(issue: Issue, tree: unknown): string {
  if (issue.code === 'invalid_union' && issue.errors.length === 0) {
    const types = typesAt(issue.path.slice(0, -1), tree);
    if (types.length > 0) return `expected ${listed(types)}`;
  }
  if (issue.code === 'invalid_key')
    return `a key that cannot be used: ${issue.issues[0]?.message ?? issue.message}`;
  return issue.message;
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

function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(words);
}
