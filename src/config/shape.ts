import * as z from 'zod';
import { configSchema } from './schema.ts';

/** The parts of a JSON Schema that say which keys exist, what their defaults are and what is secret. */
export interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly writeOnly?: boolean;
  readonly 'x-conditional'?: boolean;
}

let shape: Shape | undefined;

/** What a configuration may contain. Built on first use, because a run without complaints never needs it. */
export function configShape(): Shape {
  shape ??= z.toJSONSchema(configSchema, { io: 'input' }) as Shape;
  return shape;
}

/** A member of a value of any type; undefined if there is none. */
export function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}
