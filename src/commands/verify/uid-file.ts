import { type FileHandle, open, stat } from 'node:fs/promises';
import { ConfigError } from '../../contracts/errors.ts';
import { finalDiskError } from '../../io/disk.ts';
import type { Exported } from './batch.ts';

/** A CSV of every exported uid, for a lookup in the destination or for a shell. */
export interface UidFile {
  write(exported: readonly Exported[]): Promise<void>;
  close(): Promise<void>;
}

const HEADER = 'uid,kind,day,verdict,fingerprint,origin\n';

/**
 * Replaces such a file from an earlier run; throws `ConfigError` if the path contains anything else. Columns: `uid`,
 * `kind`, `day`, `verdict`, `fingerprint`, `origin`. Leaves out duplicates and anything without a uid.
 */
export async function openUidFile(path: string): Promise<UidFile> {
  let handle: FileHandle;
  try {
    if (!(await mayReplace(path)))
      throw new ConfigError(`--uids: ${path} is not a file that verify wrote; choose another`);
    handle = await open(path, 'w', 0o600);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`--uids: cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
  const append = (lines: string): Promise<void> =>
    handle.appendFile(lines).catch((error: unknown) => {
      throw finalDiskError(error, `--uids: write ${path}`);
    });
  await append(HEADER);
  return {
    async write(exported) {
      let lines = '';
      for (const { uid, kind, day, verdict, fingerprint, origin } of exported) {
        if (uid === undefined || verdict === 'duplicate') continue;
        lines += `${[uid, kind, day, verdict ?? '', fingerprint ?? '', origin].map(quoted).join(',')}\n`;
      }
      await append(lines);
    },
    close: () => handle.close(),
  };
}

/** True for a missing or empty file, a pipe or a device, and a file that an earlier run wrote. */
async function mayReplace(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size === 0) return true;
  const old = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await old.read(Buffer.alloc(HEADER.length), 0, HEADER.length, 0);
    return buffer.toString('utf8', 0, bytesRead) === HEADER;
  } finally {
    await old.close();
  }
}

/** A spreadsheet executes cells that begin with these. */
const FORMULA = /^[=+\-@\t\r]/;

function quoted(text: string): string {
  const value = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
