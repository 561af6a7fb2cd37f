import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './disk.ts';

/** Writes the bytes to a synced file in the folder `scratch`, ready to be linked or renamed into place. */
export async function writeScratch(scratch: string, bytes: Buffer): Promise<string> {
  const path = join(scratch, randomUUID());
  await makeFolder(scratch, 0o700);
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    // On a full disk, each retry would leave another fragment and keep it full.
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
  return path;
}

/** Makes names added to or removed from a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    await handle.sync();
  } catch (error) {
    // Some file systems refuse to sync a folder; nothing more can be done there.
    const { code } = error as NodeJS.ErrnoException;
    if (!['EINVAL', 'EISDIR', 'EBADF', 'EPERM', 'ENOENT'].includes(code ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}
