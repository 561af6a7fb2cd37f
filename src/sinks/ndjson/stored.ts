import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UnavailableError } from '../../contracts/errors.ts';
import { isObject } from '../../contracts/json.ts';
import { UID_FIELDS } from '../../contracts/schema.ts';
import type { Sink } from '../../contracts/types.ts';
import { createUidSet, type UidSet } from '../../text/uid-set.ts';
import { linesOf } from './lines.ts';

/** A file may have been written in another schema before. */
const PATHS = Object.values(UID_FIELDS).map((field) => field.split('.'));

/**
 * Reads the file, or the files of the folder, once, to find out which uids they contain. Needs no marks: a file keeps
 * both of two documents with the same uid.
 */
export function storedIn(path: string, folder: boolean): NonNullable<Sink['stored']> {
  let known: Promise<UidSet> | undefined;
  return async (documents) => {
    known ??= readUids(path, folder);
    const uids = await known;
    return documents.map(({ uid }) => ({ is: uids.has(uid) ? 'stored' : 'missing' }));
  };
}

async function readUids(path: string, folder: boolean): Promise<UidSet> {
  const uids = createUidSet();
  const names = folder ? (await readdir(path)).filter((name) => name.endsWith('.ndjson')) : [''];
  for (const name of names) {
    try {
      for await (const line of linesOf(join(path, name))) {
        const uid = uidOf(line);
        if (uid !== undefined) uids.add(uid);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        throw new UnavailableError(`cannot read ${join(path, name)}: ${(error as Error).message}`, {
          cause: error,
        });
    }
  }
  return uids;
}

/** Undefined for a truncated line: its document counts as missing. */
function uidOf(line: string): string | undefined {
  try {
    const document: unknown = JSON.parse(line);
    return PATHS.map((path) => valueAt(document, path)).find((value) => typeof value === 'string');
  } catch {
    return undefined;
  }
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce((node, key) => (isObject(node) ? node[key] : undefined), document);
}
