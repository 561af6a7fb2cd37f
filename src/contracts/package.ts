import { existsSync } from 'node:fs';

let root: URL | undefined;

/**
 * A file that ships with the code, by its path in the package. Code is in src/, or bundled in dist/, at any depth, so
 * the package starts where its package.json is.
 */
export function packageFile(path: string): URL {
  root ??= rootAbove(new URL('.', import.meta.url));
  return new URL(path, root);
}

function rootAbove(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const above = new URL('..', folder);
  if (above.href === folder.href) throw new Error('the package has lost its package.json');
  return rootAbove(above);
}
