import { ConfigError } from '../contracts/errors.ts';

/** A value from a flag: the key's path and the value. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The tree with one value set; missing tables on the path are created. */
export function withOverride(base: unknown, { path: [head, ...rest], value }: Override): unknown {
  if (head === undefined) return value;
  if (Array.isArray(base)) {
    const at = /^\d+$/.test(head) ? Number(head) : Number.NaN;
    if (!(at <= base.length))
      throw new ConfigError(`${head}: expected a position in a list of ${base.length}`);
    return [...base.slice(0, at), withOverride(base[at], { path: rest, value }), ...base.slice(at + 1)];
  }
  const object = typeof base === 'object' && base !== null ? (base as Record<string, unknown>) : {};
  return { ...object, [head]: withOverride(object[head], { path: rest, value }) };
}

/** Whether a flag sets the value at a path, or one above it. */
export function covers(flag: Override, path: readonly PropertyKey[]): boolean {
  return flag.path.every((key, at) => key === String(path[at]));
}
