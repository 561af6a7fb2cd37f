import type { z } from 'zod';
import { linesOf } from './lines.ts';

type Issue = z.core.$ZodIssue;

const MOST_TOLD = 20;

/** The problems in a mapping file, one per line: where, what, and how to fix it. */
export function tellIssues(path: string, text: string, issues: readonly Issue[]): string {
  const lines = linesOf(text);
  const told = issues.flatMap(precise).map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
    const place = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
    return `${path}:${lines.at(keys)}: ${place}${complaintOf(issue)}`;
  });
  const more = told.length - MOST_TOLD;
  return [...told.slice(0, MOST_TOLD), ...(more > 0 ? [`${path}: and ${more} more`] : [])].join('\n');
}

/** For a value that may also be a rule, the problem with the rule; for a name, the problem with the name. */
function precise(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const rule = issue.errors.find((some) =>
    some.some(({ code, path }) => code === 'unrecognized_keys' || path.length > 0),
  );
  if (rule === undefined) return [issue];
  return rule.flatMap((inner) => precise({ ...inner, path: [...issue.path, ...inner.path] }));
}

function complaintOf(issue: Issue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `unknown key ${issue.keys.join(', ')}; schemas/mapping.schema.json lists the known ones`;
    case 'invalid_key':
      return issue.path.at(-1) === '<<'
        ? 'merge keys are not supported: write the fields out'
        : `not a field name: ${issue.issues[0]?.message ?? issue.message}`;
    case 'invalid_union':
      return 'must be a value, a list of values or a rule (from, as, map, default)';
    default:
      return issue.path.length === 0
        ? 'a mapping consists of keys and values, such as detection: and title:'
        : issue.message;
  }
}
