import type { Json } from '../../../src/contracts/types.ts';

export interface Leaf {
  readonly field: string;
  readonly value: Json;
}

/** Every leaf by its dotted name; lists are leaves, lists of objects are looked into. `whole` fields are not entered. */
export function flatten(value: Json, whole: ReadonlySet<string> = new Set(), field = ''): Leaf[] {
  const members = Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [];
  if (members.length === 0 || whole.has(field)) return field === '' ? [] : [{ field, value }];
  return members.flatMap((object) =>
    Object.entries(object).flatMap(([key, member]) =>
      flatten(member, whole, field === '' ? key : `${field}.${key}`),
    ),
  );
}

/** A scalar as it reads; JSON of what is none. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
