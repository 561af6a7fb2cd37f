import { z } from 'zod';
import { configSchema } from './schema.ts';

/** Of a JSON Schema, what says which keys there are, what is filled in and what is hidden. */
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

/** What a configuration may hold. Made when it is first asked for: a run that has nothing to complain about never is. */
export function configShape(): Shape {
  shape ??= z.toJSONSchema(configSchema, { io: 'input' }) as Shape;
  return shape;
}

/** A member of what may be anything; undefined where there is none. */
export function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}
