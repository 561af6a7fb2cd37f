import { readFileSync } from 'node:fs';
import { packageFile } from '../../contracts/package.ts';

/** What the schemas' owners say about their fields. Read on demand: only `check` and `map` need it. */

export interface EcsField {
  readonly type: string;
  readonly list: boolean;
  /** Absent if any value is allowed. */
  readonly values?: readonly string[] | undefined;
  readonly pattern?: string | undefined;
}

export interface CimField {
  readonly values?: readonly string[];
  readonly validity?: string;
  readonly dtype?: 'number';
}

interface Tree {
  readonly [name: string]: string | Tree;
}
interface EcsFacts {
  /** Trees that occur more than once: `@7` in a tree refers to the one with that name. */
  readonly shapes: Tree;
  readonly fields: Tree;
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly patterns: Readonly<Record<string, string>>;
  readonly event_types: Readonly<Record<string, readonly string[]>>;
  readonly opentelemetry: readonly string[];
}
interface CimFacts {
  readonly says_nothing: readonly string[];
  readonly reserved: readonly string[];
  readonly tagged: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, Readonly<Record<string, CimField>>>>;
}

interface VendorFacts {
  readonly fields: Readonly<Record<string, string>>;
}

const known = new Map<string, unknown>();

function read(name: string): unknown {
  const facts: unknown = known.get(name) ?? JSON.parse(readFileSync(packageFile(`facts/${name}`), 'utf8'));
  known.set(name, facts);
  return facts;
}

const ecsFacts = (): EcsFacts => read('ecs.json') as EcsFacts;
const vendorFacts = (): VendorFacts => read('vendor-fields.json') as VendorFacts;
export const cimFacts = (): CimFacts => read('cim.json') as CimFacts;

/** Mappings may write anything here: Elasticsearch determines a field's type when it first arrives. */
const OWN = 'stepsecurity.';

/** `any` for a field under `stepsecurity` that no mapping of the package writes; undefined for an unknown field. */
export function ecsField(name: string): EcsField | 'any' | undefined {
  const { values, patterns, opentelemetry } = ecsFacts();
  const type = typeIn(nodeOf(name)) ?? vendorTypeOf(name);
  if (type !== undefined) {
    return {
      type: type.replace('[]', ''),
      list: type.endsWith('[]'),
      values: values[name],
      pattern: patterns[name],
    };
  }
  if (opentelemetry.includes(name)) return { type: 'keyword', list: false };
  return name.startsWith(OWN) ? 'any' : undefined;
}

function vendorTypeOf(name: string): string | undefined {
  const { fields } = vendorFacts();
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function typeIn(node: string | Tree | undefined): string | undefined {
  return typeof node === 'object' ? (node[''] as string | undefined) : node;
}

/** Whether there are fields below a name, so that it may hold an object. */
export function isEcsObject(name: string): boolean {
  return typeof nodeOf(name) === 'object';
}

function nodeOf(name: string): string | Tree | undefined {
  const { fields, shapes } = ecsFacts();
  let node: string | Tree | undefined = fields;
  for (const key of name.split('.')) {
    if (typeof node !== 'object' || !Object.hasOwn(node, key)) return undefined;
    node = node[key];
    if (typeof node === 'string' && node.startsWith('@')) node = shapes[node];
  }
  return node;
}

/** Fields whose members are not listed anywhere. */
export function isWhole(name: string): boolean {
  return name === 'labels' || vendorTypeOf(name) === 'flattened';
}

/** The event types that ECS expects for any of these categories. */
export function expectedTypes(categories: readonly string[]): ReadonlySet<string> {
  const { event_types: types } = ecsFacts();
  return new Set(categories.flatMap((category) => types[category] ?? []));
}

export function ecsCategories(): readonly string[] {
  return Object.keys(ecsFacts().event_types);
}
