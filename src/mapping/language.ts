import * as z from 'zod';
import { PATH } from './path.ts';

const literal = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string(), z.number(), z.boolean()])),
]);
const path = z.string().regex(PATH, 'must be a path such as endpoint.port');

const rule = z.union([
  literal,
  z.strictObject({
    from: z.union([path, z.array(path).min(1)]).describe('The first of these paths that is present.'),
    as: z
      .enum(['integer', 'date', 'ip', 'lower', 'list', 'boolean', 'string'])
      .optional()
      .describe('Converts the value; left out if it cannot be converted.'),
    map: z
      .record(z.string(), literal)
      .optional()
      .describe('Looks the value up; left out if it is not listed.'),
    default: literal.optional().describe('Used if nothing is present.'),
  }),
]);
/** Rules by the dotted name of the field they write. */
export const fields = z.record(z.string().regex(/^[@a-z_][\w.]*$/i, 'use letters, digits, _ and dots'), rule);

export type Rule = z.output<typeof rule>;
export type Fields = Record<string, Rule>;

/** The paths that rules read. */
export function pathsOf(fields: Fields): string[] {
  return Object.values(fields).flatMap((rule) => {
    if (typeof rule === 'string') return rule.startsWith('$') ? [rule.slice(1)] : [];
    return typeof rule !== 'object' || Array.isArray(rule) ? [] : [rule.from].flat();
  });
}
