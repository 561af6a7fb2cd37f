import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../io/disk.ts';

/** The disk work below `fileStore`: numbered generations of a blob, a scratch folder, durability. */

/** `@` is in no blob name, so these can stand beside blobs and folders of blobs. */
export const GENERATION = /^@(\d+)$/;
const STRAY_AFTER_MS = 3_600_000;

const code = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** The value, or undefined where the file or folder is not there. */
export async function unlessGone<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (code(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The numbers present at a blob's folder, ascending. */
export async function generations(at: string): Promise<number[]> {
  const entries = (await unlessGone(readdir(at))) ?? [];
  const numbers = entries.flatMap((entry) => GENERATION.exec(entry)?.[1] ?? []).map(Number);
  return numbers.sort((a, b) => a - b);
}

export async function claim(
  root: string,
  at: string,
  temporary: string,
  previous: number | undefined,
  next: number,
): Promise<boolean> {
  const target = join(at, `@${next}`);
  await makeDurableFolder(root, at);
  try {
    await link(temporary, target);
  } catch (error) {
    // ENOENT: the folder was pruned by a removal in the same moment.
    if (code(error) === 'EEXIST' || code(error) === 'ENOENT') return false;
    throw error;
  }
  const now = await generations(at);
  // Something newer stands: ours, if it is still there, is swept by the next write.
  if (now.at(-1) !== next) return false;
  if (previous !== undefined && !now.includes(previous)) {
    await rm(target, { force: true });
    return false;
  }
  await syncFolder(at);
  for (const old of now.slice(0, -1)) await rm(join(at, `@${old}`), { force: true });
  return true;
}

async function makeDurableFolder(root: string, at: string): Promise<void> {
  const first = await makeFolder(at, 0o700);
  if (first === undefined) return;
  // A new folder is durable once its parent is synced.
  for (let parent = dirname(at); parent.length >= root.length; parent = dirname(parent))
    await syncFolder(parent);
}

async function syncFolder(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    await handle.sync();
  } catch (error) {
    // Some file systems refuse to sync a folder; there is nothing more we can do on them.
    if (!['EINVAL', 'EISDIR', 'EBADF', 'EPERM', 'ENOENT'].includes(code(error) ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}

/** A synced file of these bytes, ready to be linked to its place. */
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

export async function clock(scratch: string): Promise<number> {
  const path = await writeScratch(scratch, Buffer.from('.'));
  const { mtimeMs } = await stat(path);
  await rm(path, { force: true });
  return mtimeMs;
}

export async function sweep(scratch: string): Promise<void> {
  const now = await clock(scratch);
  for (const entry of await readdir(scratch)) {
    const found = await unlessGone(stat(join(scratch, entry)));
    if (found && now - found.mtimeMs > STRAY_AFTER_MS) await rm(join(scratch, entry), { force: true });
  }
}

export async function prune(root: string, at: string): Promise<void> {
  for (let path = at; path.length > root.length; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      return;
    }
  }
}
