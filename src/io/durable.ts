import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './disk.ts';

/** A synced file of these bytes in the folder `scratch`, ready to be linked to its place or renamed. */
export async function writeScratch(scratch: string, bytes: Buffer): Promise<string> {
  const path = join(scratch, randomUUID());
  await makeFolder(scratch, 0o700);
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    // On a full disk each try would leave another piece, and keep it full.
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
  return path;
}

/** Makes names in a folder durable: those that were added, and those that were removed. */
export async function syncFolder(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    await handle.sync();
  } catch (error) {
    // Some file systems refuse to sync a folder; there is nothing more we can do on them.
    const { code } = error as NodeJS.ErrnoException;
    if (!['EINVAL', 'EISDIR', 'EBADF', 'EPERM', 'ENOENT'].includes(code ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}
