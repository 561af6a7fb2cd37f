import { access, constants, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Document } from '../../contracts/types.ts';
import { diskError, finalDiskError, makeFolder } from '../../io/disk.ts';

/** Creates the required folder; true if the path itself is one. */
export async function prepare(path: string): Promise<boolean> {
  try {
    const isFolder =
      path.endsWith('/') || ((await stat(path).catch(() => undefined))?.isDirectory() ?? false);
    await makeFolder(isFolder ? path : dirname(path));
    return isFolder;
  } catch (error) {
    throw finalDiskError(error, `sink.path: ${path}`);
  }
}

/** Whether lines could be written there, without writing any. Throws as a write does. */
export async function lookAt(path: string, folder: boolean): Promise<void> {
  const exists = folder || (await stat(path).catch(() => undefined)) !== undefined;
  const place = exists ? path : dirname(path);
  try {
    await access(place, constants.W_OK);
  } catch (error) {
    throw diskError(error, `write to ${path}`);
  }
}

/** The lines of a batch, in order, by the file they go to. */
export function linesByFile(
  documents: readonly Document[],
  path: string,
  folder: boolean,
): Map<string, string> {
  const lines = new Map<string, string>();
  for (const { kind, json } of documents) {
    const file = folder ? join(path, fileOf(kind)) : path;
    lines.set(file, `${lines.get(file) ?? ''}${json.toString()}\n`);
  }
  return lines;
}

/** Name of a kind's file in a folder. An unknown kind may contain anything, but must not lead out of the folder. */
export function fileOf(kind: string): string {
  const safe = kind
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 100);
  return `${/[a-z0-9]/.test(safe) ? safe : 'other'}.ndjson`;
}
