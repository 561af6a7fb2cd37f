import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ownPlaceTest } from '../config/own-places.ts';
import { messageOf } from '../contracts/errors.ts';
import { DAY_MS } from '../contracts/units.ts';
import { objectId } from '../objects/identity.ts';
import type { ObjectRef } from '../objects/object.ts';
import { RUN } from '../session/lease.ts';
import { fingerprintsOf } from '../session/memory.ts';
import type { Session } from '../session/session.ts';
import { openState } from '../session/stores.ts';
import { listFiles } from '../sources/file/listing.ts';
import { decodeFiles, FILES_PART } from '../sources/file/progress.ts';
import { readPart } from '../state/checkpoint.ts';
import { compareFingerprints, readHead } from '../state/head.ts';
import type { FolderSpool } from './spool/folder.ts';

/** So full a spool is emptied of what is delivered before its time, … */
const HIGH = 0.9;
/** … down to here. */
const LOW = 0.7;
const NO_COUNTS = { add: () => undefined };

export interface Retention {
  /** Looks through the spool once, and gives how many files it removed. */
  sweep(): Promise<number>;
}

export interface RetentionOptions {
  readonly session: Session;
  readonly folder: FolderSpool;
  /** How long a file stays once it is delivered. */
  readonly keepMs: number;
  readonly maxBytes: number;
}

/**
 * Removes files that the saved checkpoint of `run` says are done: every detection of theirs is delivered, a duplicate,
 * filtered or a dead letter, whichever process did it. Without a state, nothing is ever known to be.
 */
export function createRetention({ session, folder, keepMs, maxBytes }: RetentionOptions): Retention {
  const { route, context } = session;

  const doneFiles = async (): Promise<ReadonlySet<string>> => {
    if (route.config.state === undefined) return new Set();
    const store = await openState(session, true, 'read');
    const found = await readHead(store, RUN);
    if (found === undefined) return new Set();
    // What was done for another destination says nothing of this one.
    compareFingerprints(`the state ${RUN} in ${store.name}`, found.head.fingerprints, fingerprintsOf(route));
    const part = await readPart(store, RUN, FILES_PART, found.head.parts[FILES_PART]);
    return part === undefined ? new Set() : decodeFiles(part).done;
  };

  const remove = async (ref: ObjectRef): Promise<void> => {
    await rm(ref.key, { force: true });
  };

  return {
    async sweep() {
      const before = folder.stored;
      const done = await doneFiles();
      const isOurs = ownPlaceTest(route);
      const now = Date.now();
      const held = { bytes: 0, files: 0 };
      const kept: ObjectRef[] = [];
      let removed = 0;
      const files = listFiles(folder.name, { meter: NO_COUNTS, log: context.log, ...(isOurs && { isOurs }) });
      for await (const ref of files) {
        const isDone = done.has(objectId(ref));
        if (isDone && now - ref.modified >= keepMs) {
          await remove(ref);
          removed += 1;
          continue;
        }
        held.bytes += ref.size;
        held.files += 1;
        if (isDone) kept.push(ref);
      }
      // Paths sort by time: the oldest go first.
      for (const ref of held.bytes > maxBytes * HIGH ? kept : []) {
        if (held.bytes <= maxBytes * LOW) break;
        await remove(ref);
        removed += 1;
        held.bytes -= ref.size;
        held.files -= 1;
      }
      folder.measured(held, before);
      await removeOldDays(folder.name, now).catch((error: unknown) =>
        context.log.debug({ reason: messageOf(error) }, 'empty folders of the spool stay'),
      );
      return removed;
    },
  };
}

/** Folders of days that are over and empty. That of yesterday may still be written to. */
async function removeOldDays(root: string, now: number): Promise<void> {
  const recent = new Date(now - 2 * DAY_MS).toISOString().slice(0, 10);
  for (const name of await readdir(root))
    if (/^\d{4}-\d{2}-\d{2}$/.test(name) && name < recent)
      await rmdir(join(root, name)).catch(() => undefined);
}
