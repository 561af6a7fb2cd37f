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

/** Whether a file's last line has no end: a run was killed while it wrote, and the next document needs a line of its own. */
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

/** All of the bytes, synced; or as it was before, so that the next try does not go on from half a line. */
async function appendWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  const before = await handle.stat();
  let written = 0;
  try {
    while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
    await handle.datasync().catch((error: NodeJS.ErrnoException) => {
      // A device or a pipe has nothing to sync.
      if (error.code !== 'EINVAL') throw error;
    });
  } catch (error) {
    // Only what is surely our own is cut off again.
    if (before.isFile() && (await handle.stat()).size === before.size + written)
      await handle.truncate(before.size);
    throw error;
  }
}
