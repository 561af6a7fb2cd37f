import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UnavailableError } from '../../contracts/errors.ts';
import { printable } from '../../text/printable.ts';
import { errorCode } from './errors.ts';

/** Folders that could not be listed: their content is unknown, and must not be forgotten. */
export interface Unlisted {
  count: number;
  example: string;
}

export function noteUnlisted(unlisted: Unlisted, path: string, error: unknown): void {
  unlisted.count += 1;
  unlisted.example ||= `${printable(path)} (${errorCode(error)})`;
}

export function throwUnlisted({ count, example }: Unlisted): void {
  if (count === 0) return;
  throw new UnavailableError(
    `${count} folder${count === 1 ? '' : 's'} could not be listed, for example ${example}; all others were read`,
  );
}

/**
 * Paths of everything below a folder except folders, whatever the name. Links to folders are followed, but each real
 * folder on the way down only once, so a link that leads back up ends there.
 */
export async function filesBelow(root: string, unlisted: Unlisted): Promise<string[]> {
  const found: string[] = [];
  const visit = async (folder: string, above: ReadonlySet<string>): Promise<void> => {
    let entries: Dirent[];
    let within: ReadonlySet<string>;
    try {
      const real = await realpath(folder);
      if (above.has(real)) return;
      within = new Set(above).add(real);
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      // Gone since its parent was listed.
      if (errorCode(error) !== 'ENOENT' || isGarbled(folder)) noteUnlisted(unlisted, folder, error);
      return;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (await leadsToFolder(entry, path)) await visit(path, within);
      else found.push(path);
    }
  };
  await visit(root, new Set());
  return found;
}

/** A name that is not UTF-8 arrives with its bytes replaced, and does not refer to anything. */
export function isGarbled(path: string): boolean {
  return path.includes('\ufffd');
}

async function leadsToFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // It leads nowhere, or in a circle: reading it will show that.
    return false;
  }
}
