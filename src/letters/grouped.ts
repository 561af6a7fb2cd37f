/** Items with the same key together; groups and items in their order. */
export function grouped<T>(
  items: readonly T[],
  keyOf: (item: T) => string | number,
): readonly (readonly T[])[] {
  const groups = new Map<string | number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [item]);
    else known.push(item);
  }
  return [...groups.values()];
}
