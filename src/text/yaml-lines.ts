import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

/**
 * The line of a key or an entry, or of its nearest parent that is in the file; undefined when none of it is. Follows
 * aliases and merge keys.
 */
export function lineIn(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
): number | undefined {
  let at: number | undefined;
  let node: unknown = document.contents;
  for (const key of path) {
    const next = childOf(document, node, key);
    if (next === undefined) break;
    at = next.at ?? at;
    node = next.value;
  }
  return at === undefined ? undefined : lines.linePos(at).line;
}

interface Child {
  readonly at: number | undefined;
  readonly value: unknown;
}

function childOf(document: Document, parent: unknown, key: PropertyKey): Child | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isSeq(node)) {
    const value = node.items[Number(key)];
    return value === undefined ? undefined : { at: startOf(value), value };
  }
  if (!isMap(node)) return undefined;
  const named = (name: string) => node.items.find(({ key }) => isScalar(key) && key.source === name);
  const pair = named(String(key));
  if (pair !== undefined) return { at: startOf(pair.key), value: pair.value };
  const merged = named('<<')?.value;
  return merged === undefined ? undefined : childOf(document, merged, key);
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
