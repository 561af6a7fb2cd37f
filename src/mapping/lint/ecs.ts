import { isIP } from 'node:net';
import type { Json, JsonObject } from '../../contracts/types.ts';
import { type EcsField, ecsField, expectedTypes, isWhole } from './facts.ts';
import { flatten, textOf } from './flatten.ts';

/** Problems with an ECS document; empty if there are none. */
export function lintEcs(document: JsonObject): string[] {
  return [
    ...flatten(document, isWhole).flatMap(({ field, value }) => lintField(field, value)),
    ...lintPairs(document.event as JsonObject | undefined),
  ];
}

function lintField(name: string, value: Json): string[] {
  const field = ecsField(name);
  if (field === undefined) return [unknownField(name)];
  if (field === 'any') return lintNothing(name, value);
  const isFlat = field.type !== 'flattened';
  const list =
    isFlat && Array.isArray(value) !== field.list
      ? [`${name}: ${field.list ? 'must be a list' : 'is a list'}`]
      : [];
  return [...list, ...valuesOf(value).flatMap((one) => lintEcsValue(name, one, field))];
}

export const unknownField = (name: string): string =>
  `${name}: unknown field; put fields that are not in ECS under stepsecurity`;

/** Problems with one value of a field. */
export function lintEcsValue(name: string, value: Json, field: EcsField): string[] {
  const text = textOf(value);
  return [
    ...(isOfType(value, field.type)
      ? []
      : [`${name}: ${JSON.stringify(value)} is not of type ${field.type}`]),
    ...lintNothing(name, value),
    ...(field.values === undefined || field.values.includes(text) ? [] : [`${name}: ${text} is not allowed`]),
    ...(field.pattern === undefined || new RegExp(field.pattern).test(text)
      ? []
      : [`${name}: ${text} does not match`]),
  ];
}

function lintNothing(name: string, value: Json): string[] {
  // A program's argument may be empty or have any content.
  if (name === 'process.args') return [];
  return valuesOf(value).some((one) => /^(?:unknown|null|\(null\)|)$/i.test(textOf(one)))
    ? [`${name}: says nothing`]
    : [];
}

function valuesOf(value: Json): Json[] {
  return Array.isArray(value) ? value : [value];
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'long':
    case 'integer':
      return Number.isSafeInteger(value);
    case 'float':
    case 'double':
    case 'scaled_float':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value);
    case 'ip':
      return typeof value === 'string' && isIP(value) !== 0;
    case 'object':
    case 'nested':
    case 'flattened':
      return typeof value === 'object';
    default:
      return typeof value === 'string';
  }
}

/** Each event.type must be expected by at least one of the categories. */
function lintPairs(event: JsonObject | undefined): string[] {
  // Whether they are lists is checked separately.
  const categories = [event?.category ?? []].flat() as string[];
  const expected = expectedTypes(categories);
  return ([event?.type ?? []].flat() as string[])
    .filter((type) => !expected.has(type))
    .map((type) => `event.type: ${type} is not expected for ${categories.join(', ')}`);
}
