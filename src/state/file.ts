import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../contracts/component.ts';
import { diskError, makeFolder } from '../io/disk.ts';
import { writeScratch } from '../io/durable.ts';
import { retry } from '../io/retry.ts';
import type { FileStateOptions } from './file-options.ts';
import { claim, clock, GENERATION, generations, prune, sweep, unlessGone } from './generations.ts';
import { checkName } from './names.ts';
import { ConflictError, type Store, type Stored, type StoreUse } from './store.ts';
import { missingFolders } from './unmade.ts';

const SCRATCH = '@tmp';

/**
 * Blobs in a folder. A blob `a/b` is the folder `a/b/`, and its content is the file `@<generation>` with the highest
 * number. A write puts a finished, synced file at the next number with `link()`, which fails when that number is taken.
 * That is compare-and-swap without a lock, so a crash cannot leave anything locked: not on one host, not in containers
 * that share a volume, not on NFS. Older generations are removed afterwards, oldest first.
 */
export async function createFileStore(
  options: FileStateOptions,
  context: Context,
  use: StoreUse = 'write',
): Promise<Store> {
  const root = resolve(options.path);
  const scratch = join(root, SCRATCH);
  const folder = (name: string): string => {
    checkName(name);
    return join(root, name);
  };

  const attempt = <T>(what: string, action: () => Promise<T>): Promise<T> =>
    retry(
      async () => {
        try {
          return await action();
        } catch (error) {
          throw error instanceof ConflictError ? error : diskError(error, what);
        }
      },
      { policy: context.retry, signal: context.abort, what, log: context.log, meter: context.meter },
    );

  const get = async (name: string): Promise<(Stored & { generation: number }) | undefined> => {
    const at = folder(name);
    for (;;) {
      const generation = (await generations(at)).at(-1);
      if (generation === undefined) return undefined;
      const bytes = await unlessGone(readFile(join(at, `@${generation}`)));
      // Gone between listing and reading: a newer one exists.
      if (bytes !== undefined) return { bytes, version: versionOf(generation, bytes), generation };
    }
  };

  const put = async (name: string, bytes: Buffer, expect: string | null | undefined): Promise<string> => {
    const at = folder(name);
    const temporary = await writeScratch(scratch, bytes);
    try {
      for (;;) {
        const current = await get(name);
        const version = current?.version ?? null;
        if (expect !== undefined && expect !== version)
          throw new ConflictError(`${name} was written by another process`);
        const generation = (current?.generation ?? 0) + 1;
        const won = await claim(root, at, temporary, current?.generation, generation);
        if (won) return versionOf(generation, bytes);
      }
    } finally {
      await rm(temporary, { force: true });
    }
  };

  if (use === 'write')
    await attempt(`open state folder ${root}`, async () => {
      await makeFolder(scratch, 0o700);
      await sweep(scratch);
    });

  return {
    name: `file:${root}`,
    get: (name) =>
      attempt(`read ${name} in ${root}`, async () => {
        const found = await get(name);
        return found && { bytes: found.bytes, version: found.version };
      }),
    put: (name, bytes, expect) => attempt(`write ${name} in ${root}`, () => put(name, bytes, expect)),
    remove: (name) =>
      attempt(`remove ${name} in ${root}`, async () => {
        const at = folder(name);
        for (const generation of await generations(at)) await rm(join(at, `@${generation}`), { force: true });
        await prune(root, at);
      }),
    async *list(prefix) {
      const names = await attempt(`list ${root}`, () => walk(root, prefix));
      yield* names.sort();
    },
    age: (name) =>
      attempt(`inspect ${name} in ${root}`, async () => {
        const at = folder(name);
        const generation = (await generations(at)).at(-1);
        if (generation === undefined) return undefined;
        const written = await unlessGone(stat(join(at, `@${generation}`)));
        const now = await clock(scratch);
        // It was superseded just now, so its age is zero.
        return written === undefined ? 0 : Math.max(0, now - written.mtimeMs);
      }),
  };
}

/** The folders that opening the store would create, deepest first. */
export function missingFoldersOf({ path }: FileStateOptions): Promise<string[]> {
  return missingFolders(join(resolve(path), SCRATCH));
}

function versionOf(generation: number, bytes: Buffer): string {
  return `${generation}-${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}`;
}

async function walk(root: string, prefix: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (below: string): Promise<void> => {
    const entries = (await unlessGone(readdir(join(root, below), { withFileTypes: true }))) ?? [];
    if (entries.some((entry) => GENERATION.test(entry.name)) && below.startsWith(prefix)) found.push(below);
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name === SCRATCH) continue;
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (name.startsWith(prefix) || prefix.startsWith(`${name}/`)) await visit(name);
    }
  };
  await visit('');
  return found;
}
