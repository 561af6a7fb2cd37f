import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError, RetryableError, UnavailableError } from '../contracts/errors.ts';

/** Who has to act on a failed file operation, and how: stop (exit 2) or wait (exit 4 if it lasts). */
interface DiskRow {
  readonly whose: 'operator' | 'world';
  readonly what: string;
  readonly fix: string;
}

const operator = (what: string, fix: string): DiskRow => ({ whose: 'operator', what, fix });
const world = (what: string, fix: string): DiskRow => ({ whose: 'world', what, fix });

const PERMISSION = 'let the user of this process write there, or choose another location';
const ELSEWHERE = 'choose another location';
const FULL = 'free some space there';
const RESOURCES = 'check what else runs on this machine';
const DEVICE = 'check the operating system log for that disk';

/** By operating system error code. */
export const DISK_FAULTS: Readonly<Record<string, DiskRow>> = {
  EACCES: operator('permission denied', PERMISSION),
  EPERM: operator('not permitted', PERMISSION),
  EROFS: operator('the file system is read-only', 'mount it writable, or choose another location'),
  ENOTDIR: operator('part of the path is a file', ELSEWHERE),
  EISDIR: operator('there is a folder where a file is needed', 'remove it, or choose another location'),
  ENAMETOOLONG: operator('the path is too long', ELSEWHERE),
  ELOOP: operator('the path contains a loop of symbolic links', 'fix the links, or choose another location'),
  ENOSYS: operator('the file system does not support a needed operation', ELSEWHERE),
  ENOTSUP: operator('the file system does not support a needed operation', ELSEWHERE),
  EOPNOTSUPP: operator('the file system does not support a needed operation', ELSEWHERE),
  EXDEV: operator('the location spans two file systems', ELSEWHERE),
  EMLINK: operator('the file system allows no more links there', ELSEWHERE),
  ENXIO: operator('there is a device where a file is needed', ELSEWHERE),
  ENODEV: operator('there is a device where a file is needed', ELSEWHERE),
  EINVAL: operator('the file system rejects the name or the operation', ELSEWHERE),
  NO_FOLDERS: operator('the file system allows no folder there', ELSEWHERE),
  ENOSPC: world('the disk is full', FULL),
  EDQUOT: world('the disk quota is used up', FULL),
  EFBIG: world(
    'the file would exceed the size limit',
    'raise the limit (ulimit -f), or free some space there',
  ),
  EIO: world('the disk failed', DEVICE),
  ESTALE: world('the network file system lost the file', 'check that its server is up'),
  ETIMEDOUT: world('the network file system does not answer', 'check that its server is up'),
  EHOSTDOWN: world('the network file system does not answer', 'check that its server is up'),
  ENOTCONN: world('the file system is not connected', 'check that it is mounted'),
  ENOLCK: world('the file system grants no locks', 'check that its server is up'),
  ENOENT: world('the location has disappeared', 'check that it is mounted'),
  EMFILE: world('this process has too many files open', 'raise its limit (ulimit -n)'),
  ENFILE: world('this machine has too many files open', 'raise its limit (fs.file-max)'),
  ENOMEM: world('this machine is out of memory', RESOURCES),
  EAGAIN: world('this machine is short of resources', RESOURCES),
  EBUSY: world('the location is in use', 'check what uses it'),
  ETXTBSY: world('the location is in use', 'check what uses it'),
  EINTR: world('the system call was interrupted', RESOURCES),
};

/**
 * The error to throw inside `retry` for a failed file operation: `ConfigError` to stop, `RetryableError` to wait, or
 * the original error if it did not come from the operating system. `what` names the operation and the path.
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

/** Like `diskError`, for operations that are not retried: a passing failure becomes an `UnavailableError`. */
export function finalDiskError(error: unknown, what: string): unknown {
  const meaning = diskError(error, what);
  return meaning instanceof RetryableError
    ? new UnavailableError(meaning.message, { cause: error })
    : meaning;
}

const MAKE_TRIES = 10;

/**
 * Creates a folder and its missing parents. Returns the topmost one created, or undefined if the folder existed. Node's
 * own recursive `mkdir` reports `ENOENT` for a read-only file system, and never returns below /proc.
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
      // Another process may remove a parent at the same moment, but not again and again.
      if (tries === MAKE_TRIES) throw Object.assign(error as Error, { code: 'NO_FOLDERS' });
      first = (await makeFolder(dirname(path), mode)) ?? first;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
