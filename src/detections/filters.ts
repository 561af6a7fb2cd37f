import * as z from 'zod';
import type { Detection } from './detection.ts';
import { atLeast, SEVERITIES } from './severity.ts';
import { compileWildcard } from './wildcard.ts';

const pattern = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    try {
      compileWildcard(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  });

const criteria = z
  .strictObject({
    kinds: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Detection ids, e.g. Reverse-Shell; for a check, its type.'),
    owners: z.array(pattern).min(1).optional().describe('Owners (organizations), as globs: *, **, ?, {a,b}.'),
    repositories: z
      .array(pattern)
      .min(1)
      .optional()
      .describe('owner/name, as globs: acme/*, acme/{web,api}-*.'),
    min_severity: z.enum(SEVERITIES).optional().describe('This severity or higher.'),
    suppressed: z.boolean().optional().describe('Whether the detection is suppressed.'),
    resolved: z.boolean().optional().describe('Whether the detection is resolved.'),
  })
  .refine((value) => Object.keys(value).length > 0, 'name at least one criterion');

const common = {
  name: z
    .string()
    .regex(/^[\w-]+$/, 'letters, digits, - and _')
    .describe('Name of the filter in the ledger.'),
};

export const filterSchema = z.union([
  z.strictObject({ ...common, include: criteria.describe('Keep only detections that match all of these.') }),
  z.strictObject({ ...common, exclude: criteria.describe('Leave out detections that match all of these.') }),
]);

export type FilterConfig = z.output<typeof filterSchema>;
type Criteria = z.output<typeof criteria>;

/** The name of the filter that leaves a detection out; undefined if it passes. */
export type Filter = (detection: Detection) => string | undefined;

/** Compiles filters once. The first filter that leaves a detection out is named in the ledger. */
export function compileFilters(filters: readonly FilterConfig[]): Filter {
  const compiled = filters.map((filter) =>
    'include' in filter
      ? { name: filter.name, meets: compileCriteria(filter.include), keepsMet: true }
      : { name: filter.name, meets: compileCriteria(filter.exclude), keepsMet: false },
  );
  return (detection) => compiled.find(({ meets, keepsMet }) => meets(detection) !== keepsMet)?.name;
}

function compileCriteria(criteria: Criteria): (detection: Detection) => boolean {
  const tests: ((detection: Detection) => boolean)[] = [];
  const { kinds, owners, repositories, min_severity: minimum, suppressed, resolved } = criteria;
  if (kinds !== undefined)
    tests.push(({ id, vendor_id: own }) => kinds.includes(id) || (own !== undefined && kinds.includes(own)));
  if (owners !== undefined) tests.push(glob(owners, ({ owner }) => owner));
  if (repositories !== undefined) tests.push(glob(repositories, ({ repo }) => repo.full));
  if (minimum !== undefined) {
    // A delivered detection is followed to its end: a change counts with the severity of the changed detection.
    tests.push(({ severity, change }) => atLeast(change?.severity ?? severity.word, minimum));
  }
  if (suppressed !== undefined) tests.push((detection) => (detection.suppressed ?? false) === suppressed);
  if (resolved !== undefined) tests.push((detection) => (detection.resolved ?? false) === resolved);
  return (detection) => tests.every((test) => test(detection));
}

function glob(
  patterns: readonly string[],
  of: (detection: Detection) => string | undefined,
): (detection: Detection) => boolean {
  const matchers = patterns.map(compileWildcard);
  return (detection) => {
    const value = of(detection);
    return value !== undefined && matchers.some((matches) => matches(value));
  };
}

/**
 * Leaves out what happened outside a half-open range of event time, as `outside_range`. A detection without a
 * readable time could have happened at any time: it passes, and is a duplicate if another range had it too.
 */
export function rangeFilter(from: number | undefined, to: number | undefined): Filter {
  return ({ time, time_is_receipt: timeless }) => {
    if (timeless) return undefined;
    return (from !== undefined && time < from) || (to !== undefined && time >= to)
      ? 'outside_range'
      : undefined;
  };
}

/** The first match of several filters. */
export function firstOf(...filters: readonly Filter[]): Filter {
  return (detection) => {
    for (const filter of filters) {
      const name = filter(detection);
      if (name !== undefined) return name;
    }
    return undefined;
  };
}
