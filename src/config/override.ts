import { ConfigError } from '../contracts/errors.ts';

/** A value given by a flag: the key's path and what stands there. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The tree with one value in its place; tables on the way are made where they are missing. */
export function withOverride(base: unknown, { path: [head, ...rest], value }: Override): unknown {
  if (head === undefined) return value;
  if (Array.isArray(base)) {
    const at = /^\d+$/.test(head) ? Number(head) : Number.NaN;
    if (!(at <= base.length)) throw new ConfigError(`${head}: expected a place in a list of ${base.length}`);
    return [...base.slice(0, at), withOverride(base[at], { path: rest, value }), ...base.slice(at + 1)];
  }
  const object = typeof base === 'object' && base !== null ? (base as Record<string, unknown>) : {};
  return { ...object, [head]: withOverride(object[head], { path: rest, value }) };
}

/** Whether a flag gives the value at a path, or one above it. */
export function covers(flag: Override, path: readonly PropertyKey[]): boolean {
  return flag.path.every((key, at) => key === String(path[at]));
}
