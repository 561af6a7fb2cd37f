import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import type { Json, JsonObject } from '../../../src/contracts/types.ts';
import { flatten, textOf } from './flatten.ts';

interface EcsField {
  readonly type: string;
  readonly normalize: readonly string[];
  readonly allowed_values?: readonly {
    readonly name: string;
    readonly expected_event_types?: readonly string[];
  }[];
  readonly expected_values?: readonly string[];
  readonly pattern?: string;
}

/** The oracle: all fields of ECS, as the owner publishes them. */
const { EcsFlat } = createRequire(import.meta.url)('@elastic/ecs') as {
  EcsFlat: Readonly<Record<string, EcsField>>;
};

/** The types of our own fields; the Elasticsearch template is held against the same list. `keyword[]` is a list. */
export const VENDOR_FIELDS = (
  JSON.parse(readFileSync(new URL('../../oracles/vendor-fields.json', import.meta.url), 'utf8')) as {
    fields: Record<string, string>;
  }
).fields;

/** The Elasticsearch type of a field by its owner's word; undefined when nobody knows it. */
export function typeOf(field: string): string | undefined {
  return EcsFlat[field]?.type ?? VENDOR_FIELDS[field]?.replace('[]', '');
}

const WHOLE = new Set([
  'labels',
  ...Object.keys(VENDOR_FIELDS).filter((field) => VENDOR_FIELDS[field] === 'flattened'),
]);

/** What is wrong with a document in ECS's words; empty when nothing is. */
export function lintEcs(document: JsonObject): string[] {
  return [
    ...flatten(document, WHOLE).flatMap(({ field, value }) => lintField(field, value)),
    ...lintPairs(document.event as JsonObject | undefined),
  ];
}

function lintField(field: string, value: Json): string[] {
  const ecs = EcsFlat[field];
  const vendor = VENDOR_FIELDS[field];
  if (ecs === undefined && vendor === undefined) return [`${field}: unknown field`];
  const type = ecs?.type ?? vendor?.replace('[]', '') ?? '';
  const list = ecs === undefined ? vendor?.endsWith('[]') === true : ecs.normalize.includes('array');
  const problems: string[] = [];
  if (type !== 'flattened' && Array.isArray(value) !== list)
    problems.push(`${field}: ${list ? 'must be a list' : 'is a list'}`);
  for (const one of Array.isArray(value) ? value : [value]) {
    if (!isOfType(one, type)) problems.push(`${field}: ${JSON.stringify(one)} is no ${type}`);
    problems.push(...lintValue(field, one, ecs));
  }
  return problems;
}

function lintValue(field: string, value: Json, ecs: EcsField | undefined): string[] {
  const text = textOf(value);
  const allowed = ecs?.allowed_values?.map(({ name }) => name) ?? ecs?.expected_values;
  return [
    ...(/^(?:unknown|null|\(null\)|)$/i.test(text) && field !== 'process.args'
      ? [`${field}: says nothing`]
      : []),
    ...(allowed === undefined || allowed.includes(text) ? [] : [`${field}: ${text} is not allowed`]),
    ...(ecs?.pattern === undefined || new RegExp(ecs.pattern).test(text)
      ? []
      : [`${field}: ${text} does not match`]),
  ];
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'long':
      return Number.isSafeInteger(value);
    case 'float':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value);
    case 'ip':
      return typeof value === 'string' && isIP(value) !== 0;
    case 'object':
    case 'flattened':
      return typeof value === 'object';
    default:
      return typeof value === 'string';
  }
}

/** Each event.type must be expected by at least one of the categories. */
function lintPairs(event: JsonObject | undefined): string[] {
  const categories = (event?.category ?? []) as string[];
  const expected = new Set(
    (EcsFlat['event.category']?.allowed_values ?? [])
      .filter(({ name }) => categories.includes(name))
      .flatMap(({ expected_event_types: types }) => types ?? []),
  );
  return ((event?.type ?? []) as string[])
    .filter((type) => !expected.has(type))
    .map((type) => `event.type: ${type} is not expected of ${categories.join(', ')}`);
}
