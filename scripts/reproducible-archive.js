import { join } from 'node:path';
import { create } from 'tar';

/** The time of every entry: an archive of the same files is the same bytes, whenever it is built. */
const EPOCH = new Date('2020-01-01T00:00:00Z');

/** Packs `entries` of `folder` into `folder/name`, in their order, and returns its path. */
export function pack(folder, name, entries) {
  const file = join(folder, name);
  create(
    { file, cwd: folder, gzip: { level: 9 }, portable: true, mtime: EPOCH, noDirRecurse: true, sync: true },
    entries,
  );
  return file;
}
