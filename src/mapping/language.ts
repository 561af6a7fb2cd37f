import * as z from 'zod';
import { PATH } from './path.ts';

const literal = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string(), z.number(), z.boolean()])),
]);
const path = z.string().regex(PATH, 'a path such as endpoint.port');

const rule = z.union([
  literal,
  z.strictObject({
    from: z.union([path, z.array(path).min(1)]).describe('The first of these that is present.'),
    as: z
      .enum(['integer', 'date', 'ip', 'lower', 'list', 'boolean', 'string'])
      .optional()
      .describe('Convert; what cannot be converted is absent.'),
    map: z
      .record(z.string(), literal)
      .optional()
      .describe('Look the value up; what is not listed is absent.'),
    default: literal.optional().describe('When nothing is present.'),
  }),
]);
/** Rules by the dotted name of their field. */
export const fields = z.record(z.string().regex(/^[@a-z_][\w.]*$/i, 'a dotted field name'), rule);

export type Rule = z.output<typeof rule>;
export type Fields = Record<string, Rule>;

/** The paths that rules read. */
export function pathsOf(fields: Fields): string[] {
  return Object.values(fields).flatMap((rule) => {
    if (typeof rule === 'string') return rule.startsWith('$') ? [rule.slice(1)] : [];
    return typeof rule !== 'object' || Array.isArray(rule) ? [] : [rule.from].flat();
  });
}
