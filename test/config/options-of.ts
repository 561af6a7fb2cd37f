import { z } from 'zod';
import { configSchema } from '../../src/config/schema.ts';

/** What a test looks at in a JSON Schema. */
export interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
  readonly anyOf?: readonly Node[];
}

/** An option: a key at some place of the configuration. */
export interface Option {
  /** Dotted, below what it was asked of. */
  readonly path: string;
  readonly key: string;
  readonly node: Node;
  /** The keys beside it, itself among them. */
  readonly beside: readonly string[];
}

export const CONFIG = z.toJSONSchema(configSchema, { io: 'input' }) as Node;

/** All options of a section; with a type, of the source or sink of that type. */
export function optionsOf(section: string, type?: string): Option[] {
  const node = CONFIG.properties?.[section] ?? {};
  const chosen =
    type === undefined ? node : node.oneOf?.find(({ properties }) => properties?.['type']?.const === type);
  return [...walk(chosen ?? {}, '')];
}

/** Every option below a node. */
export function* walk(node: Node, path: string): Generator<Option> {
  const properties = node.properties ?? {};
  for (const [key, member] of Object.entries(properties)) {
    const at = path === '' ? key : `${path}.${key}`;
    yield { path: at, key, node: member, beside: Object.keys(properties) };
    yield* walk(member, at);
  }
  for (const member of [...(node.oneOf ?? []), ...(node.anyOf ?? [])]) yield* walk(member, path);
  if (node.items !== undefined) yield* walk(node.items, path);
}
