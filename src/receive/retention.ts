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

/** A spool filled to this share of its limit drops delivered files before their time, … */
const HIGH = 0.9;
/** … down to this share. */
const LOW = 0.7;
const NO_COUNTS = { add: () => undefined };

export interface Retention {
  /** Goes through the spool once, and returns how many files it removed. */
  sweep(): Promise<number>;
}

export interface RetentionOptions {
  readonly session: Session;
  readonly folder: FolderSpool;
  /** How long a delivered file is kept. */
  readonly keepMs: number;
  readonly maxBytes: number;
}

/**
 * Removes files that are done according to the saved checkpoint of `run`: each of their detections is delivered, a
 * duplicate, filtered or a dead letter, whichever process did it. Without a state, no file is ever known to be
 * done.
 */
export function createRetention({ session, folder, keepMs, maxBytes }: RetentionOptions): Retention {
  const { route, context } = session;

  const doneFiles = async (): Promise<ReadonlySet<string>> => {
    if (route.config.state === undefined) return new Set();
    const store = await openState(session, true, 'read');
    const found = await readHead(store, RUN);
    if (found === undefined) return new Set();
    // A checkpoint for another destination says nothing about this one.
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
      // Paths sort by time, so the oldest are removed first.
      for (const ref of held.bytes > maxBytes * HIGH ? kept : []) {
        if (held.bytes <= maxBytes * LOW) break;
        await remove(ref);
        removed += 1;
        held.bytes -= ref.size;
        held.files -= 1;
      }
      folder.measured(held, before);
      await removeOldDays(folder.name, now).catch((error: unknown) =>
        context.log.debug({ reason: messageOf(error) }, 'empty folders of the spool could not be removed'),
      );
      return removed;
    },
  };
}

/** Removes empty folders of past days. Yesterday's may still be written to. */
async function removeOldDays(root: string, now: number): Promise<void> {
  const recent = new Date(now - 2 * DAY_MS).toISOString().slice(0, 10);
  for (const name of await readdir(root))
    if (/^\d{4}-\d{2}-\d{2}$/.test(name) && name < recent)
      await rmdir(join(root, name)).catch(() => undefined);
}
