import { isObject } from '../../contracts/json.ts';
import type { Json } from '../../contracts/types.ts';

export interface Leaf {
  readonly field: string;
  readonly value: Json;
}

/**
 * Every leaf by its dotted name. Lists are leaves; lists of objects are descended into. Fields that are kept whole
 * are not.
 */
export function flatten(value: Json, isWhole: (field: string) => boolean = () => false, field = ''): Leaf[] {
  const members = Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [];
  if (members.length === 0 || isWhole(field)) return field === '' ? [] : [{ field, value }];
  return members.flatMap((object) =>
    Object.entries(object).flatMap(([key, member]) =>
      flatten(member, isWhole, field === '' ? key : `${field}.${key}`),
    ),
  );
}

/** A scalar as text; JSON for anything else. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
