import { dirname, resolve } from 'node:path';
import { covers, type Override } from './override.ts';

/** The sections that contain paths on disk. In other sections, such as labels, the operator chooses the keys. */
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
/** In these sections, a key is named like this if and only if its value is a path on disk; a test enforces it. */
const IS_PATH = /^(?:path|textfile|.+_files?)$/;
/** Standard input or output. */
const STANDARD = '-';

/**
 * Makes every path of a configuration absolute: paths in the file start at the file's folder, those in flags at the
 * working directory. The same file therefore means the same state, source and secrets wherever it is used from.
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

/** Keep a trailing slash, which marks a folder. Leave an empty path for the schema to reject. */
function absolute(base: string, path: string): string {
  if (path === STANDARD || path === '') return path;
  return `${resolve(base, path)}${path.length > 1 && path.endsWith('/') ? '/' : ''}`;
}
