import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError, RetryableError, UnavailableError } from '../contracts/errors.ts';

/** Whose fault a failed file operation is, and what the operator may do: stop (exit 2) or wait (exit 4 in the end). */
interface DiskRow {
  readonly whose: 'operator' | 'world';
  readonly what: string;
  readonly fix: string;
}

const operator = (what: string, fix: string): DiskRow => ({ whose: 'operator', what, fix });
const world = (what: string, fix: string): DiskRow => ({ whose: 'world', what, fix });

const PERMISSION = 'let the user of this process write there, or name another place';
const ELSEWHERE = 'name another place';
const FULL = 'make room there';
const RESOURCES = 'see what else runs on this machine';
const DEVICE = 'see the log of the operating system about that disk';

/** By the code of the operating system. */
export const DISK_FAULTS: Readonly<Record<string, DiskRow>> = {
  EACCES: operator('permission denied', PERMISSION),
  EPERM: operator('not permitted', PERMISSION),
  EROFS: operator('the file system is read-only', 'mount it writable, or name another place'),
  ENOTDIR: operator('a part of the path is a file', ELSEWHERE),
  EISDIR: operator('there is a folder where a file is needed', 'remove it, or name another place'),
  ENAMETOOLONG: operator('the path is too long', ELSEWHERE),
  ELOOP: operator('the path leads through a loop of links', 'mend the links, or name another place'),
  ENOSYS: operator('the file system cannot do what is needed', ELSEWHERE),
  ENOTSUP: operator('the file system cannot do what is needed', ELSEWHERE),
  EOPNOTSUPP: operator('the file system cannot do what is needed', ELSEWHERE),
  EXDEV: operator('the place spans two file systems', ELSEWHERE),
  EMLINK: operator('the file system takes no more links there', ELSEWHERE),
  ENXIO: operator('there is a device where a file is needed', ELSEWHERE),
  ENODEV: operator('there is a device where a file is needed', ELSEWHERE),
  EINVAL: operator('the file system does not take the name or the operation', ELSEWHERE),
  NO_FOLDERS: operator('the file system takes no folder there', ELSEWHERE),
  ENOSPC: world('the disk is full', FULL),
  EDQUOT: world('the disk quota is used up', FULL),
  EFBIG: world('the file would be larger than is allowed', 'raise the limit (ulimit -f), or make room there'),
  EIO: world('the disk failed', DEVICE),
  ESTALE: world('the network file system lost the file', 'see whether its server is up'),
  ETIMEDOUT: world('the network file system does not answer', 'see whether its server is up'),
  EHOSTDOWN: world('the network file system does not answer', 'see whether its server is up'),
  ENOTCONN: world('the file system is not connected', 'see whether it is mounted'),
  ENOLCK: world('the file system gives no lock', 'see whether its server is up'),
  ENOENT: world('the place is gone', 'see whether it is mounted'),
  EMFILE: world('this process has too many files open', 'raise its limit (ulimit -n)'),
  ENFILE: world('this machine has too many files open', 'raise its limit (fs.file-max)'),
  ENOMEM: world('this machine is out of memory', RESOURCES),
  EAGAIN: world('this machine is short of resources', RESOURCES),
  EBUSY: world('the place is in use', 'see what uses it'),
  ETXTBSY: world('the place is in use', 'see what uses it'),
  EINTR: world('the system call was interrupted', RESOURCES),
};

/**
 * What to throw inside `retry` for a failed file operation: `ConfigError` to stop, `RetryableError` to wait; the error
 * itself when it is not one of the operating system's. `what` names the operation and the path.
 */
export function diskError(error: unknown, what: string): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === undefined || (error as NodeJS.ErrnoException).syscall === undefined) return error;
  const row = Object.hasOwn(DISK_FAULTS, code) ? DISK_FAULTS[code] : undefined;
  if (row === undefined) return new RetryableError(`${what}: ${(error as Error).message}`, { cause: error });
  const message = `${what}: ${row.what} (${code}); ${row.fix}`;
  return row.whose === 'operator'
    ? new ConfigError(message, { cause: error })
    : new RetryableError(message, { cause: error });
}

/** As `diskError`, for what is tried once: what may pass is an `UnavailableError`. */
export function finalDiskError(error: unknown, what: string): unknown {
  const meaning = diskError(error, what);
  return meaning instanceof RetryableError
    ? new UnavailableError(meaning.message, { cause: error })
    : meaning;
}

const MAKE_TRIES = 10;

/**
 * Makes a folder and those above it; the first one made, undefined when it was there. Node's own recursive `mkdir` says
 * `ENOENT` for a read-only file system, and never returns below /proc.
 */
export async function makeFolder(path: string, mode?: number): Promise<string | undefined> {
  let first: string | undefined;
  for (let tries = 0; ; tries += 1) {
    if (await isFolder(path)) return first;
    try {
      await mkdir(path, mode);
      return first ?? path;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (await isFolder(path)) return first;
      if (code === 'EEXIST') throw Object.assign(error as Error, { code: 'ENOTDIR' });
      if (code !== 'ENOENT' || dirname(path) === path) throw error;
      // What is above may be removed by another in the same moment; but not again and again.
      if (tries === MAKE_TRIES) throw Object.assign(error as Error, { code: 'NO_FOLDERS' });
      first = (await makeFolder(dirname(path), mode)) ?? first;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
