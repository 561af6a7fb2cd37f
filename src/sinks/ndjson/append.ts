import { type FileHandle, open, stat } from 'node:fs/promises';
import { diskError } from '../../io/disk.ts';

const NEWLINE = 0x0a;

export async function append(file: string, lines: string, what: string): Promise<void> {
  try {
    const handle = await open(file, 'a');
    try {
      await appendWhole(handle, Buffer.from(lines));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw diskError(error, what);
  }
}

/**
 * Whether a file's last line has no newline: a run was killed while writing it, and the next document needs a line of
 * its own.
 */
export async function breaksOff(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size === 0) return false;
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, found.size - 1);
    return bytesRead === 1 && buffer[0] !== NEWLINE;
  } finally {
    await handle.close();
  }
}

/**
 * Writes and syncs all of the bytes, or restores the file, so that the next attempt does not continue from half a line.
 */
async function appendWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  const before = await handle.stat();
  let written = 0;
  try {
    while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
    await handle.datasync().catch((error: NodeJS.ErrnoException) => {
      // A device or a pipe cannot be synced.
      if (error.code !== 'EINVAL') throw error;
    });
  } catch (error) {
    // Truncate only what is certainly our own.
    if (before.isFile() && (await handle.stat()).size === before.size + written)
      await handle.truncate(before.size);
    throw error;
  }
}
