import type { Json } from '../../contracts/types.ts';
import type { Fields, Rule } from '../language.ts';
import { BY_PROGRAM as CIM_BY_PROGRAM, cimField, lintCimName, lintCimValue, lintTagged } from './cim.ts';
import { lintEcsValue, unknownField } from './ecs.ts';
import { ecsField, isEcsObject } from './facts.ts';

/** Fields that the program itself writes, whatever a rule says. */
const BY_PROGRAM = new Set([
  'event.kind',
  'event.reason',
  'event.dataset',
  'event.original',
  'data_stream.type',
  'data_stream.dataset',
  'data_stream.namespace',
  'agent.type',
  'agent.version',
  'tags',
  'labels',
]);

/** How a payload member, which may be anything, is converted to a type that Elasticsearch enforces. */
const CONVERSION: Readonly<Record<string, string>> = {
  date: 'date',
  ip: 'ip',
  long: 'integer',
  integer: 'integer',
  boolean: 'boolean',
};

/** Problems with rules for ECS fields, independent of any detection. */
export function lintEcsRules(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, rule]) => {
    if (BY_PROGRAM.has(name)) return [`${name}: the program writes it`];
    const field = ecsField(name);
    if (field === undefined) return isEcsObject(name) ? [] : [unknownField(name)];
    if (field === 'any') return [];
    const { payload, as } = reads(rule);
    const wanted = field.list ? 'list' : CONVERSION[field.type];
    const unconverted =
      payload && wanted !== undefined && as !== wanted
        ? [`${name}: the payload may contain anything here: add "as: ${wanted}"`]
        : [];
    const shape = as === 'list' && !field.list ? [`${name}: is a list`] : [];
    const values = literalsOf(rule).flatMap((literal) => {
      const isList = Array.isArray(literal);
      if (isList !== field.list) return [`${name}: ${field.list ? 'must be a list' : 'is a list'}`];
      return [literal].flat().flatMap((one) => lintEcsValue(name, one, field));
    });
    return [...unconverted, ...shape, ...values];
  });
}

/** The same for the fields of a data model's event. `beyond`: fields outside all data models. */
export function lintCimRules(
  fields: Fields,
  model: string | undefined,
  beyond: ReadonlySet<string>,
): string[] {
  return Object.entries(fields).flatMap(([name, rule]) => {
    if (CIM_BY_PROGRAM.includes(name)) return [`${name}: the program writes it`];
    return [
      ...lintCimName(name, beyond),
      ...literalsOf(rule).flatMap((literal) => [
        ...lintCimValue(name, literal, cimField(model, name)),
        ...lintTagged({ [name]: literal }),
      ]),
    ];
  });
}

function reads(rule: Rule): { readonly payload: boolean; readonly as: string | undefined } {
  const isPayload = (path: string): boolean => path.startsWith('payload.');
  if (typeof rule === 'string') return { payload: rule.startsWith('$payload.'), as: undefined };
  if (typeof rule !== 'object' || Array.isArray(rule)) return { payload: false, as: undefined };
  // The result of a table is a literal.
  return { payload: rule.map === undefined && [rule.from].flat().some(isPayload), as: rule.as };
}

/** The literal values in a rule. */
function literalsOf(rule: Rule): Json[] {
  if (typeof rule === 'string') return rule.startsWith('$') ? [] : [rule];
  if (typeof rule !== 'object' || Array.isArray(rule)) return [rule];
  return [...Object.values(rule.map ?? {}), ...(rule.default === undefined ? [] : [rule.default])];
}
