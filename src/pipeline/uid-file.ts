import { type FileHandle, open } from 'node:fs/promises';
import { ConfigError } from '../errors.ts';
import type { Exported } from './verify-batch.ts';

/** A CSV of every exported uid, for a lookup in the destination or for a shell. */
export interface UidFile {
  write(exported: readonly Exported[]): Promise<void>;
  close(): Promise<void>;
}

/** Replaces the file. Columns: `uid`, `kind`, `day`, `verdict`; duplicates and what has no uid are left out. */
export async function openUidFile(path: string): Promise<UidFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'w', 0o600);
  } catch (error) {
    throw new ConfigError(`--uids: cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
  await handle.appendFile('uid,kind,day,verdict\n');
  return {
    async write(exported) {
      let lines = '';
      for (const { uid, kind, day, verdict } of exported) {
        if (uid === undefined || verdict === 'duplicate') continue;
        lines += `${[uid, kind, day, verdict ?? ''].map(quoted).join(',')}\n`;
      }
      await handle.appendFile(lines);
    },
    close: () => handle.close(),
  };
}

function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
