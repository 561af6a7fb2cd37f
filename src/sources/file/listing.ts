import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { ConfigError } from '../../errors.ts';
import type { Meter } from '../../types.ts';
import type { ObjectRef } from '../objects/object.ts';

/** Files asked for their size at once. */
const STAT_BATCH = 256;

/** What a path stands for. */
export type Place = 'file' | 'folder' | 'glob';

/** Throws `ConfigError` when nothing of that name exists and it is no pattern. A pattern may match nothing yet. */
export async function placeOf(path: string): Promise<Place> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    if (found.isFile()) return 'file';
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' && isDynamicPattern(path)) return 'glob';
    if (code === 'ENOENT') throw new ConfigError(`source.path: ${path} does not exist`, { cause: error });
    throw new ConfigError(`source.path: ${path} cannot be looked at (${code})`, { cause: error });
  }
  throw new ConfigError(`source.path: ${path} is neither a file nor a folder; read a pipe as -`);
}

/**
 * Everything to read under a path, sorted by the bytes of its path, with size and mtime as version. `temp.json` (the
 * vendor's connection test) and empty files are ignored and counted, unless the path names the file itself. Files that
 * vanish meanwhile are left out.
 */
export async function* listFiles(path: string, meter: Meter): AsyncGenerator<ObjectRef, void, undefined> {
  const place = await placeOf(path);
  const paths = place === 'file' ? [path] : await findFiles(path, place);
  for (let at = 0; at < paths.length; at += STAT_BATCH) {
    for (const ref of await Promise.all(paths.slice(at, at + STAT_BATCH).map(look))) {
      if (!ref) continue;
      meter.add('objects_listed');
      if (ref.size === 0 || (place !== 'file' && basename(ref.key) === 'temp.json'))
        meter.add('objects_ignored');
      else yield ref;
    }
  }
}

async function findFiles(path: string, place: 'folder' | 'glob'): Promise<string[]> {
  const found =
    place === 'folder'
      ? (await glob('**/*', { cwd: path, dot: true, expandDirectories: false })).map((name) =>
          join(path, name),
        )
      : await glob(path, { dot: true, expandDirectories: false });
  return sortByBytes(found);
}

/** UTF-16 order, which is that of the bytes as long as no character needs a surrogate pair. */
function sortByBytes(paths: string[]): string[] {
  if (!paths.some((path) => /[\ud800-\udfff]/.test(path))) return paths.sort();
  return paths.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

async function look(path: string): Promise<ObjectRef | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return {
      uri: resolve(path),
      key: resolve(path),
      version: versionOf(size, mtimeMs),
      size,
      modified: mtimeMs,
    };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    // Listed all the same: opening it tells why it cannot be read, and the run says so.
    return { uri: resolve(path), key: resolve(path), version: 'unknown', size: 1, modified: 0 };
  }
}

/** One file as it is now; undefined when it is gone or cannot be looked at. */
export async function lookAgain(path: string): Promise<ObjectRef | undefined> {
  const ref = await look(path);
  return ref?.version === 'unknown' ? undefined : ref;
}

export function versionOf(size: number, mtimeMs: number): string {
  return `${size}-${mtimeMs}`;
}

/** The code of a system error, for messages and decisions. */
export function errorCode(error: unknown): string {
  const known = typeof error === 'object' && error !== null && 'code' in error;
  return known && typeof error.code === 'string' ? error.code : 'unknown';
}
