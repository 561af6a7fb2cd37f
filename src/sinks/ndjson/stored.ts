import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UnavailableError } from '../../contracts/errors.ts';
import type { Sink } from '../../contracts/types.ts';
import { createUidSet, type UidSet } from '../../text/uid-set.ts';
import { linesOf } from './lines.ts';

/** Where documents carry their uid: ECS in `event.id`, CIM in `id`. */
const shape = z.object({ event: z.object({ id: z.string() }).optional(), id: z.string().optional() });

/**
 * Reads the file, or the files of the folder, once: which uids they hold. It needs no marks: a file keeps both of two
 * documents with one uid.
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

/** Undefined for a line that broke off: what it was is missing. */
function uidOf(line: string): string | undefined {
  try {
    const document = shape.parse(JSON.parse(line));
    return document.event?.id ?? document.id;
  } catch {
    return undefined;
  }
}
