import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { scratchIn } from '../../config/spool.ts';
import { ConfigError } from '../../contracts/errors.ts';
import { finalDiskError, makeFolder } from '../../io/disk.ts';
import { syncFolder, writeScratch } from '../../io/durable.ts';
import { createNames } from './names.ts';
import { type Spool, SpoolFullError } from './spool.ts';

/** Files left by a receiver that died while writing: no answer was sent for them. */
const STRAY_AFTER_MS = 3_600_000;

export interface FolderSpool extends Spool {
  holds(): Holding;
  /**
   * Takes what a scan of the folder found, less what was then removed, and the value of `stored` before that scan.
   */
  measured(found: Holding, sinceStored: Holding): void;
  /** Everything stored since it was opened. */
  readonly stored: Holding;
}

interface Holding {
  readonly bytes: number;
  readonly files: number;
}

/**
 * A folder with one subfolder per day. A file is written and synced in a scratch folder that the source ignores,
 * then renamed, and the day's folder is synced: the source only sees complete files, and whatever was answered
 * survives a power failure.
 */
export async function openFolder(path: string, maxBytes: number): Promise<FolderSpool> {
  const root = resolve(path);
  const scratch = scratchIn(root);
  const nameOf = createNames();
  /** The day's folder that is there. */
  let made = '';
  let holding: Holding = { bytes: 0, files: 0 };
  let stored: Holding = { bytes: 0, files: 0 };

  const dayFolder = async (now: Date): Promise<string> => {
    const day = join(root, now.toISOString().slice(0, 10));
    if (made === day) return day;
    await makeFolder(day, 0o700);
    // Durable before there is anything in it.
    await syncFolder(root);
    made = day;
    return day;
  };

  await makeRoot(root, scratch);
  return {
    name: root,
    parallel: 1,
    limit: maxBytes,
    async store(content, kind) {
      // For the limit to hold, content counts before it is stored.
      if (holding.bytes + content.length > maxBytes)
        throw new SpoolFullError(
          `the spool holds ${holding.bytes} of ${maxBytes} bytes (receive.spool_bytes)`,
        );
      holding = { bytes: holding.bytes + content.length, files: holding.files + 1 };
      try {
        const now = new Date();
        const day = await dayFolder(now);
        const temporary = await writeScratch(scratch, content);
        await rename(temporary, join(day, nameOf(kind, now))).catch(async (error: unknown) => {
          made = '';
          await rm(temporary, { force: true });
          throw error;
        });
        await syncFolder(day);
        stored = { bytes: stored.bytes + content.length, files: stored.files + 1 };
      } catch (error) {
        holding = { bytes: holding.bytes - content.length, files: holding.files - 1 };
        throw finalDiskError(error, `store in ${root}`);
      }
    },
    async probe() {
      if (holding.bytes >= maxBytes)
        throw new SpoolFullError(`the spool holds ${maxBytes} bytes (receive.spool_bytes)`);
      try {
        await rm(await writeScratch(scratch, Buffer.from('.')), { force: true });
      } catch (error) {
        throw finalDiskError(error, `write to ${root}`);
      }
    },
    holds: () => holding,
    measured(found, before) {
      holding = {
        bytes: found.bytes + stored.bytes - before.bytes,
        files: found.files + stored.files - before.files,
      };
    },
    get stored() {
      return stored;
    },
  };
}

async function makeRoot(root: string, scratch: string): Promise<void> {
  const found = await stat(root).catch(() => undefined);
  if (found !== undefined && !found.isDirectory())
    throw new ConfigError(`source.path: ${root} is a file; receive needs a folder`);
  try {
    await makeFolder(scratch, 0o700);
    const now = Date.now();
    for (const name of await readdir(scratch)) {
      const stray = await stat(join(scratch, name)).catch(() => undefined);
      if (stray !== undefined && now - stray.mtimeMs > STRAY_AFTER_MS)
        await rm(join(scratch, name), { force: true });
    }
  } catch (error) {
    throw finalDiskError(error, `open the spool ${root}`);
  }
}
