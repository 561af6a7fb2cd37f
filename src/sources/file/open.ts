import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { RetryableError } from '../../contracts/errors.ts';
import {
  ObjectChangedError,
  ObjectGoneError,
  type ObjectRef,
  ObjectUnreadableError,
  type OpenObject,
} from '../../objects/object.ts';
import { printable } from '../../text/printable.ts';
import { errorCode } from './errors.ts';
import { versionOf } from './listing.ts';
import { isGarbled } from './tree.ts';

/** Smaller files are read in one blocking call: four trips to the thread pool cost ten times as much as the reading. */
const SMALL_BYTES = 64 * 2 ** 10;
const STREAM_BYTES = 256 * 2 ** 10;
/** If a pipe has replaced the file, reading must not wait forever. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** Opens a file as it was listed: no byte beyond its listed size is read, and another version is another object. */
export const openFile: OpenObject = async (ref, start, signal) => {
  try {
    if (ref.size <= SMALL_BYTES) return one(readSmall(ref, start));
    const handle = await open(ref.key, READ);
    try {
      checkVersion(ref, await handle.stat());
      const stream = handle.createReadStream({ start, end: ref.size - 1, highWaterMark: STREAM_BYTES });
      // The reader closes an aborted read; without a listener its error would end the process.
      stream.on('error', () => undefined);
      if (signal.aborted) stream.destroy();
      return stream;
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw explain(error, ref.uri);
  }
};

async function* one(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
}

function readSmall(ref: ObjectRef, start: number): Buffer {
  const file = openSync(ref.key, READ);
  try {
    checkVersion(ref, fstatSync(file));
    const bytes = Buffer.alloc(ref.size - start);
    let read = 0;
    while (read < bytes.length) {
      const more = readSync(file, bytes, read, bytes.length - read, start + read);
      if (more === 0) throw new ObjectChangedError(`${printable(ref.uri)} became shorter`);
      read += more;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

function checkVersion(ref: ObjectRef, found: Stats): void {
  if (!found.isFile() || versionOf(found.size, found.mtimeMs) !== ref.version)
    throw new ObjectChangedError(`${printable(ref.uri)} was rewritten`);
}

function explain(error: unknown, uri: string): unknown {
  if (error instanceof ObjectChangedError) return error;
  const code = errorCode(error);
  if (code === 'ENOENT' && isGarbled(uri)) {
    const reason = 'its name is not valid UTF-8; rename it';
    return new ObjectUnreadableError({ code: 'file_unreadable', reason }, { cause: error });
  }
  if (code === 'ENOENT') return new ObjectGoneError(`${printable(uri)} is gone`, { cause: error });
  if (code === 'EMFILE' || code === 'ENFILE')
    return new RetryableError(`opening ${printable(uri)}: ${code}`, { cause: error });
  return new ObjectUnreadableError(
    { code: 'file_unreadable', reason: `the file cannot be opened (${code})` },
    { cause: error },
  );
}
