import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { isDynamicPattern } from 'tinyglobby';

/** Where a file source reads. */
export interface ReadPlace {
  /** Real path of the file or folder, or of the folder where a pattern starts. */
  readonly base: string;
  /** True if everything put there is read. A pattern may skip files. */
  readonly takesAll: boolean;
}

export function readPlaceOf(path: string): ReadPlace {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined || !isDynamicPattern(path))
    return { base: realPath(path), takesAll: true };
  const segments = path.split('/');
  const first = segments.findIndex((segment) => isDynamicPattern(segment));
  const base = segments.slice(0, first).join('/');
  return {
    base: realPath(base === '' && path.startsWith('/') ? '/' : base),
    takesAll: path.endsWith('/**') || path.endsWith('/**/*'),
  };
}

/** The path with links resolved, as far as it exists. */
export function realPath(path: string): string {
  const full = resolve(path);
  try {
    return realpathSync(full);
  } catch {
    const parent = dirname(full);
    return parent === full ? full : join(realPath(parent), basename(full));
  }
}

/** Whether a path is `folder` or is below it. Both are real paths. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
