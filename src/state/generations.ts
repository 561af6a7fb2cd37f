import { link, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../io/disk.ts';
import { syncFolder, writeScratch } from '../io/durable.ts';

/** Disk operations for `fileStore`: numbered generations of a blob, a scratch folder, durability. */

/** No blob name contains `@`, so generations can share a folder with blobs and folders of blobs. */
export const GENERATION = /^@(\d+)$/;
const STRAY_AFTER_MS = 3_600_000;

const code = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** The value, or undefined if the file or folder does not exist. */
export async function unlessGone<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (code(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The generation numbers in a blob's folder, ascending. */
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
    // ENOENT: a removal pruned the folder at the same moment.
    if (code(error) === 'EEXIST' || code(error) === 'ENOENT') return false;
    throw error;
  }
  const now = await generations(at);
  // There is a newer one. If ours is still there, the next write sweeps it.
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
