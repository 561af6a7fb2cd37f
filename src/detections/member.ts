import type { Json } from '../contracts/types.ts';

/** Adds a member, whatever it is called: assigned, `__proto__` would become what the object inherits from, and be lost. */
export function setMember(object: Record<string, Json>, key: string, value: Json): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
