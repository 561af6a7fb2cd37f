import { isObject } from '../../contracts/json.ts';
import type { Json } from '../../contracts/types.ts';

export interface Leaf {
  readonly field: string;
  readonly value: Json;
}

/** Every leaf by its dotted name; lists are leaves, lists of objects are looked into. Fields that are kept whole are not looked into. */
export function flatten(value: Json, isWhole: (field: string) => boolean = () => false, field = ''): Leaf[] {
  const members = Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [];
  if (members.length === 0 || isWhole(field)) return field === '' ? [] : [{ field, value }];
  return members.flatMap((object) =>
    Object.entries(object).flatMap(([key, member]) =>
      flatten(member, isWhole, field === '' ? key : `${field}.${key}`),
    ),
  );
}

/** A scalar as it reads; JSON of what is none. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
