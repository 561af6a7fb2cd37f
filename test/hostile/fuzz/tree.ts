import type { Json } from '../../../src/contracts/types.ts';

/** JSON as it is written rather than as it is parsed: keys may be repeated, and numbers have any number of digits. */
export type Tree = string | boolean | null | Digits | Tree[] | Members;

interface Digits {
  readonly digits: string;
}

export interface Members {
  readonly members: [key: string, value: Tree][];
}

export function treeOf(value: Json): Tree {
  if (typeof value === 'number') return { digits: Number.isFinite(value) ? String(value) : '1e400' };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(treeOf);
  return { members: Object.entries(value).map(([key, member]) => [key, treeOf(member)]) };
}

export const isMembers = (tree: Tree): tree is Members =>
  typeof tree === 'object' && tree !== null && 'members' in tree;

/** JSON text; with `gap`, spread over one line per value. */
export function textOf(tree: Tree, gap = '', indent = ''): string {
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree);
  if ('digits' in tree) return tree.digits;
  const inner = gap === '' ? '' : `${indent}${gap}`;
  const [open, close] = Array.isArray(tree) ? '[]' : '{}';
  const parts = Array.isArray(tree)
    ? tree.map((one) => textOf(one, gap, inner))
    : tree.members.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value, gap, inner)}`);
  if (parts.length === 0 || gap === '') return `${open}${parts.join(',')}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}
