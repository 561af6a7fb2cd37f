import { dirname, resolve } from 'node:path';
import { covers, type Override } from './override.ts';

/** The sections that name places on disk. The keys of others (labels, say) are the operator's own words. */
const SECTIONS = new Set([
  'source',
  'sink',
  'state',
  'dead_letters',
  'mapping',
  'enrichment',
  'metrics',
  'ping',
  'receive',
]);
/** In these sections every key that names a place on disk is called so, and no other key is: a test holds them to it. */
const IS_PATH = /^(?:path|textfile|.+_files?)$/;
/** Standard input or output. */
const STANDARD = '-';

/**
 * Makes every path of a configuration absolute: one from the file starts at the file's folder, one from a flag at the
 * working directory. So the same file means the same state, source and secrets from wherever it is used.
 */
export function absolutePaths(
  tree: unknown,
  file: string | undefined,
  overrides: readonly Override[],
): unknown {
  const folder = file === undefined ? '.' : dirname(file);
  const visit = (node: unknown, path: readonly string[]): unknown => {
    if (Array.isArray(node)) return node.map((member, at) => visit(member, [...path, String(at)]));
    if (typeof node === 'object' && node !== null) {
      if (path.length === 1 && !SECTIONS.has(path[0] ?? '')) return node;
      return Object.fromEntries(
        Object.entries(node).map(([key, member]) => [key, visit(member, [...path, key])]),
      );
    }
    // In a list of files, each is one.
    const key = path.findLast((step) => !/^\d+$/.test(step)) ?? '';
    if (typeof node !== 'string' || !IS_PATH.test(key)) return node;
    return absolute(overrides.some((flag) => covers(flag, path)) ? '.' : folder, node);
  };
  return visit(tree, []);
}

/** A closing slash says that the path is a folder: it stays. An empty path is left to the schema to refuse. */
function absolute(base: string, path: string): string {
  if (path === STANDARD || path === '') return path;
  return `${resolve(base, path)}${path.length > 1 && path.endsWith('/') ? '/' : ''}`;
}
