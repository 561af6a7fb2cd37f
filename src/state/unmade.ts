import { rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The folders of a path that do not exist yet, deepest first. */
export async function missingFolders(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let at = path; dirname(at) !== at; at = dirname(at)) {
    if ((await stat(at).catch(() => undefined)) !== undefined) break;
    missing.push(at);
  }
  return missing;
}

/** Removes those folders that are empty. A check by root must not leave any that the run's user cannot write to. */
export async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rmdir(folder).catch(() => undefined);
}
