/** Groups items by key, keeping the order of groups and of items. */
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
