import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { isDynamicPattern } from 'tinyglobby';

/** Where a file source reads. */
export interface ReadPlace {
  /** Real path of the file, of the folder, or of the folder that a pattern starts from. */
  readonly base: string;
  /** True when whatever is put there is read. A pattern may pass it over. */
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

/** The path without links, as far as it exists. */
export function realPath(path: string): string {
  const full = resolve(path);
  try {
    return realpathSync(full);
  } catch {
    const parent = dirname(full);
    return parent === full ? full : join(realPath(parent), basename(full));
  }
}

/** Whether a path is `folder` or lies below it. Both real. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
