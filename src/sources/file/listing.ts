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

/** Files asked for their size at once. */
const STAT_BATCH = 256;

/** What a path stands for. */
export type PathKind = 'file' | 'folder' | 'glob';

/** Throws `ConfigError` when nothing of that name exists and it is no pattern. A pattern may match nothing yet. */
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
    throw new ConfigError(`source.path: ${printable(path)} cannot be looked at (${code})`, { cause: error });
  }
  throw new ConfigError(`source.path: ${printable(path)} is neither a file nor a folder; read a pipe as -`);
}

export interface ListOptions {
  readonly meter: Meter;
  readonly log: Log;
  /** As in `SourceContext`. */
  readonly isOurs?: (place: string) => boolean;
}

/**
 * Everything to read under a path, sorted by the bytes of its path, with size and mtime as version. What holds nothing
 * (see `isNothing`; a path that names the file itself is read whatever it is), what is neither file nor folder, what
 * vanished and what is ours is left out and counted. Throws `UnavailableError` at the end when folders could not be
 * listed.
 */
export async function* listFiles(
  path: string,
  { meter, log, isOurs }: ListOptions,
): AsyncGenerator<ObjectRef, void, undefined> {
  const place = await placeOf(path);
  const unlisted: Unlisted = { count: 0, example: '' };
  const paths = place === 'file' ? [path] : await findFiles(path, place, unlisted);
  const ours = isOurs && byRealPath(isOurs);
  /** The counter of what is not read. */
  const leftOut = async (found: Looked): Promise<string | undefined> => {
    if (await ours?.(found.path)) return 'objects_ours';
    if (found.ref === 'gone') return 'objects_gone';
    if (found.ref === 'special') {
      log.warn({ object: found.path }, 'neither a file nor a folder: it is not read');
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

/** Links may lead into a place of ours: what counts is where a file really lies. Each folder is asked once. */
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

/** The file system as tinyglobby sees it, which passes over a folder that it cannot list without a word. */
function telling(unlisted: Unlisted): NonNullable<GlobOptions['fs']> {
  const readdir = ((path: string, options: object, done: (error: unknown, entries: unknown) => void) =>
    fs.readdir(path, options as { withFileTypes: true }, (error, entries) => {
      if (error !== null && error.code !== 'ENOENT') noteUnlisted(unlisted, path, error);
      done(error, entries);
    })) as unknown as typeof fs.readdir;
  return { readdir };
}

/** UTF-16 order, which is that of the bytes as long as no character needs a surrogate pair. */
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
    // Listed all the same: opening it tells why it cannot be read, and the run says so.
    return { path, ref: { uri: path, key: path, version: UNKNOWN_VERSION, size: 1, modified: 0 } };
  }
}

const UNKNOWN_VERSION = 'unknown';

/** One file as it is now; undefined when it is gone or cannot be looked at. */
export async function lookAgain(path: string): Promise<ObjectRef | undefined> {
  const { ref } = await look(path);
  return typeof ref === 'object' && ref.version !== UNKNOWN_VERSION ? ref : undefined;
}

export function versionOf(size: number, mtimeMs: number): string {
  return `${size}-${mtimeMs}`;
}
