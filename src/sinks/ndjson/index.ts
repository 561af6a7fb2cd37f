import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { RetryableError, UnavailableError } from '../../contracts/errors.ts';
import type { SinkComponent } from '../../contracts/sink.ts';
import type { Document, Outcome, Sink } from '../../contracts/types.ts';
import { diskError, finalDiskError, makeFolder } from '../../io/disk.ts';
import { retry } from '../../io/retry.ts';
import { type UidSet, uidSet } from '../../text/uid-set.ts';
import { linesOf } from './lines.ts';

const ndjsonSchema = z.strictObject({
  type: z.literal('ndjson').default('ndjson').describe('Documents as lines of JSON.'),
  path: z
    .string()
    .min(1)
    .default('-')
    .describe(
      'A file; a folder (it exists, or ends with /) that gets one file per kind; or - for standard output.',
    ),
  schema: z.enum(['ecs', 'cim']).default('ecs').describe('The words of the documents.'),
});

export { ndjsonSchema };
export type NdjsonOptions = z.output<typeof ndjsonSchema>;

/** Where documents carry their uid: ECS in `event.id`, CIM in `id`. */
const shape = z.object({ event: z.object({ id: z.string() }).optional(), id: z.string().optional() });

const DELIVERED: Outcome = { fate: 'delivered' };
const NEWLINE = 0x0a;

/** Lines on disk, synced before they count as delivered; appended, so a batch that comes again stands twice. */
export const ndjson: SinkComponent<NdjsonOptions> = {
  schema: ndjsonSchema,
  name: ({ path }) => `ndjson:${path}`,
  identify: ({ path, schema }) => `ndjson ${schema} ${path}`,
  async create({ path, schema }, { meter, retry: policy, log }) {
    const folder = path === '-' ? false : await prepare(path);
    const begun = new Set<string>();
    let turn: Promise<unknown> = Promise.resolve();
    const put = async (documents: readonly Document[], signal: AbortSignal): Promise<void> => {
      signal.throwIfAborted();
      for (const [file, lines] of group(documents, path, folder)) {
        meter.add('bytes_sent', Buffer.byteLength(lines));
        if (file === '-') await print(lines);
        else {
          const what = `write to ${file}`;
          const start = !begun.has(file) && (await breaksOff(file)) ? '\n' : '';
          await retry(() => append(file, start + lines, what), { policy, signal, what, log, meter });
          begun.add(file);
        }
      }
    };
    return {
      schema,
      async write(documents, signal) {
        if (documents.length === 0) return [];
        // One after the other: two appends side by side could mix their lines.
        const mine = turn.then(() => put(documents, signal));
        turn = mine.catch(() => undefined);
        await mine;
        return documents.map(() => DELIVERED);
      },
      ...(path !== '-' && { stored: lookUp(path, folder) }),
    };
  },
  async *check({ path }) {
    if (path === '-') {
      yield { check: 'sink', status: 'ok', detail: 'writes to standard output' };
      return;
    }
    try {
      await prepare(path);
      yield { check: 'sink', status: 'ok', detail: `writes to ${path}` };
    } catch (error) {
      yield {
        check: 'sink',
        status: 'failed',
        detail: (error as Error).message,
        fix: 'make the folder writable, or name another path',
      };
    }
  },
};

/** Makes the folder that is needed; true when the path itself is one. */
async function prepare(path: string): Promise<boolean> {
  try {
    const isFolder =
      path.endsWith('/') || ((await stat(path).catch(() => undefined))?.isDirectory() ?? false);
    await makeFolder(isFolder ? path : dirname(path));
    return isFolder;
  } catch (error) {
    throw finalDiskError(error, `sink.path: ${path}`);
  }
}

/**
 * Reads the file, or the files of the folder, once: which uids they hold. It needs no marks: a file keeps both of two
 * documents with one uid.
 */
function lookUp(path: string, folder: boolean): NonNullable<Sink['stored']> {
  let known: Promise<UidSet> | undefined;
  return async (documents) => {
    known ??= readUids(path, folder);
    const uids = await known;
    return documents.map(({ uid }) => ({ is: uids.has(uid) ? 'stored' : 'missing' }));
  };
}

async function readUids(path: string, folder: boolean): Promise<UidSet> {
  const uids = uidSet();
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

function group(documents: readonly Document[], path: string, folder: boolean): Map<string, string> {
  const lines = new Map<string, string>();
  for (const { kind, json } of documents) {
    const file = folder ? join(path, fileOf(kind)) : path;
    lines.set(file, `${lines.get(file) ?? ''}${json.toString()}\n`);
  }
  return lines;
}

/** Name of the file that a kind has in a folder. An unknown kind may hold anything: nothing of it may leave the folder. */
export function fileOf(kind: string): string {
  const safe = kind
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 100);
  return `${/[a-z0-9]/.test(safe) ? safe : 'other'}.ndjson`;
}

async function append(file: string, lines: string, what: string): Promise<void> {
  try {
    const handle = await open(file, 'a');
    try {
      await appendWhole(handle, Buffer.from(lines));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw diskError(error, what);
  }
}

/** Whether a file's last line has no end: a run was killed while it wrote, and the next document needs a line of its own. */
async function breaksOff(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size === 0) return false;
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, found.size - 1);
    return bytesRead === 1 && buffer[0] !== NEWLINE;
  } finally {
    await handle.close();
  }
}

/** All of the bytes, synced; or as it was before, so that the next try does not go on from half a line. */
async function appendWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  const before = await handle.stat();
  let written = 0;
  try {
    while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
    await handle.datasync().catch((error: NodeJS.ErrnoException) => {
      // A device or a pipe has nothing to sync.
      if (error.code !== 'EINVAL') throw error;
    });
  } catch (error) {
    // Only what is surely our own is cut off again.
    if (before.isFile() && (await handle.stat()).size === before.size + written)
      await handle.truncate(before.size);
    throw error;
  }
}

let watched = false;

/** From the first write on, what goes wrong with standard output is this sink's to tell. */
function print(lines: string): Promise<void> {
  if (!watched) process.stdout.on('error', () => undefined);
  watched = true;
  return new Promise((resolve, reject) => {
    process.stdout.write(lines, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(stdoutError(error));
    });
  });
}

/** Nobody knows how much was taken: it is not tried again. */
function stdoutError(error: Error): unknown {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE')
    return new UnavailableError('standard output was closed by its reader', { cause: error });
  const meaning = diskError(error, 'write to standard output');
  if (meaning instanceof RetryableError) return new UnavailableError(meaning.message, { cause: error });
  return meaning;
}
