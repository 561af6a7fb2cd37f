import fs from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type GlobOptions, glob, isDynamicPattern } from 'tinyglobby';
import { ConfigError } from '../../contracts/errors.ts';
import type { Log, Meter } from '../../contracts/types.ts';
import { isNothing } from '../../objects/nothing.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { printable } from '../../text/printable.ts';
import { errorCode } from './errors.ts';
import { filesBelow, isGarbled, noteUnlisted, throwUnlisted, type Unlisted } from './tree.ts';

/** Files whose size is requested concurrently. */
const STAT_BATCH = 256;

/** What a path refers to. */
export type PathKind = 'file' | 'folder' | 'glob';

/** Throws `ConfigError` if nothing of that name exists and it is not a pattern. A pattern may match nothing yet. */
export async function placeOf(path: string): Promise<PathKind> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    if (found.isFile()) return 'file';
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' && isDynamicPattern(path)) return 'glob';
    if (code === 'ENOENT')
      throw new ConfigError(`source.path: ${printable(path)} does not exist`, { cause: error });
    throw new ConfigError(`source.path: ${printable(path)} cannot be read (${code})`, { cause: error });
  }
  throw new ConfigError(
    `source.path: ${printable(path)} is neither a file nor a folder; use - to read from a pipe`,
  );
}

export interface ListOptions {
  readonly meter: Meter;
  readonly log: Log;
  /** As in `SourceContext`. */
  readonly isOurs?: (place: string) => boolean;
}

/**
 * Everything to read under a path, in byte order of paths, with size and mtime as the version. Leaves out and counts
 * what has no content (see `isNothing`; a path that names the file itself is always read), what is neither file nor
 * folder, what has vanished and what is ours. Throws `UnavailableError` at the end if folders could not be listed.
 */
export async function* listFiles(
  path: string,
  { meter, log, isOurs }: ListOptions,
): AsyncGenerator<ObjectRef, void, undefined> {
  const place = await placeOf(path);
  const unlisted: Unlisted = { count: 0, example: '' };
  const paths = place === 'file' ? [path] : await findFiles(path, place, unlisted);
  const ours = isOurs && byRealPath(isOurs);
  /** The counter for a file that is not read. */
  const leftOut = async (found: Looked): Promise<string | undefined> => {
    if (await ours?.(found.path)) return 'objects_ours';
    if (found.ref === 'gone') return 'objects_gone';
    if (found.ref === 'special') {
      log.warn({ object: found.path }, 'neither a file nor a folder, so it is not read');
      return 'objects_ignored';
    }
    const empty = found.ref.size === 0 || (place !== 'file' && isNothing(found.ref));
    return empty ? 'objects_ignored' : undefined;
  };
  for (let at = 0; at < paths.length; at += STAT_BATCH) {
    for (const found of await Promise.all(paths.slice(at, at + STAT_BATCH).map(look))) {
      meter.add('objects_listed');
      const reason = await leftOut(found);
      if (reason !== undefined) meter.add(reason);
      else if (typeof found.ref === 'object') yield found.ref;
    }
  }
  throwUnlisted(unlisted);
}

/** Links may lead to a place of ours, so the file's real location counts. Each folder is resolved once. */
function byRealPath(isOurs: (place: string) => boolean): (path: string) => Promise<boolean> {
  let folder = '';
  let real = '';
  return async (path) => {
    if (dirname(path) !== folder) {
      folder = dirname(path);
      real = await realpath(folder).catch(() => folder);
    }
    return isOurs(join(real, basename(path)));
  };
}

async function findFiles(path: string, place: 'folder' | 'glob', unlisted: Unlisted): Promise<string[]> {
  const found =
    place === 'folder'
      ? await filesBelow(path, unlisted)
      : await glob(path, { dot: true, expandDirectories: false, fs: telling(unlisted) });
  return sortByBytes(found);
}

/** The file system for tinyglobby, which silently skips a folder that it cannot list. */
function telling(unlisted: Unlisted): NonNullable<GlobOptions['fs']> {
  const readdir = ((path: string, options: object, done: (error: unknown, entries: unknown) => void) =>
    fs.readdir(path, options as { withFileTypes: true }, (error, entries) => {
      if (error !== null && error.code !== 'ENOENT') noteUnlisted(unlisted, path, error);
      done(error, entries);
    })) as unknown as typeof fs.readdir;
  return { readdir };
}

/** UTF-16 order, which matches byte order as long as no character needs a surrogate pair. */
function sortByBytes(paths: string[]): string[] {
  if (!paths.some((path) => /[\ud800-\udfff]/.test(path))) return paths.sort();
  return paths.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

interface Looked {
  readonly path: string;
  /** `special`: a pipe, a socket, a device. */
  readonly ref: ObjectRef | 'gone' | 'special';
}

async function look(name: string): Promise<Looked> {
  const path = resolve(name);
  try {
    const found = await stat(path);
    if (!found.isFile()) return { path, ref: 'special' };
    const { size, mtimeMs } = found;
    return {
      path,
      ref: { uri: path, key: path, version: versionOf(size, mtimeMs), size, modified: mtimeMs },
    };
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && !isGarbled(path)) return { path, ref: 'gone' };
    // Listed anyway: opening it shows why it cannot be read, and the run reports that.
    return { path, ref: { uri: path, key: path, version: UNKNOWN_VERSION, size: 1, modified: 0 } };
  }
}

const UNKNOWN_VERSION = 'unknown';

/** One file as it is now; undefined if it is gone or cannot be read. */
export async function lookAgain(path: string): Promise<ObjectRef | undefined> {
  const { ref } = await look(path);
  return typeof ref === 'object' && ref.version !== UNKNOWN_VERSION ? ref : undefined;
}

export function versionOf(size: number, mtimeMs: number): string {
  return `${size}-${mtimeMs}`;
}
