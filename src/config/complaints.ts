import * as z from 'zod';
import { listed } from '../text/in-words.ts';
import { meantBy, typesAt } from './known-keys.ts';
import type { Written } from './yaml-file.ts';

type Issue = z.core.$ZodIssue;

/** zod's message for a union when the schema does not set one. */
const UNSAID = 'Invalid input';

/** One line per problem: where it is, what was expected, and what may have been meant. */
export function complaintsOf(issue: Issue, tree: unknown, lineOf: Written['lineOf']): string[] {
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && issue.message === UNSAID) {
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
  return [at(issue.path, lineOf, complaintOf(issue, tree))];
}

/** For a value that can have several forms, the problems of the form it resembles most. */
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

function complaintOf(issue: Issue, tree: unknown): string {
  if (issue.code === 'invalid_union' && issue.errors.length === 0) {
    const types = typesAt(issue.path.slice(0, -1), tree);
    if (types.length > 0) return `expected ${listed(types)}`;
  }
  if (issue.code === 'invalid_key')
    return `a key that cannot be used: ${issue.issues[0]?.message ?? issue.message}`;
  return issue.message;
}
