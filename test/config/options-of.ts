import { z } from 'zod';
import { configSchema } from '../../src/config/schema.ts';

/** The parts of a JSON Schema that the tests read. */
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

/** An option: a key somewhere in the configuration. */
export interface Option {
  /** Dotted, relative to the node that was walked. */
  readonly path: string;
  readonly key: string;
  readonly node: Node;
  /** The keys of the same section, this one included. */
  readonly siblings: readonly string[];
}

export const CONFIG = z.toJSONSchema(configSchema, { io: 'input' }) as Node;

/** All options of a section; given a type, those of the source or sink of that type. */
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
    yield { path: at, key, node: member, siblings: Object.keys(properties) };
    yield* walk(member, at);
  }
  for (const member of [...(node.oneOf ?? []), ...(node.anyOf ?? [])]) yield* walk(member, path);
  if (node.items !== undefined) yield* walk(node.items, path);
}
