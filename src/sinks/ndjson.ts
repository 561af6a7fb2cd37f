import { once } from 'node:events';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ConfigError, UnavailableError } from '../errors.ts';
import type { Document, Outcome } from '../types.ts';
import type { SinkComponent } from './sink.ts';

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

const DELIVERED: Outcome = { fate: 'delivered' };

/** Lines on disk, synced before they count as delivered; appended, so a batch that comes again stands twice. */
export const ndjson: SinkComponent<NdjsonOptions> = {
  schema: ndjsonSchema,
  identify: ({ path, schema }) => `ndjson ${schema} ${path}`,
  async create({ path, schema }, { meter }) {
    const folder = path === '-' ? false : await prepare(path);
    let turn: Promise<unknown> = Promise.resolve();
    const put = async (documents: readonly Document[], signal: AbortSignal): Promise<void> => {
      signal.throwIfAborted();
      for (const [file, lines] of group(documents, path, folder)) {
        meter.add('bytes_sent', Buffer.byteLength(lines));
        await (file === '-' ? print(lines) : append(file, lines));
      }
    };
    return {
      name: `ndjson:${path}`,
      schema,
      async write(documents, signal) {
        if (documents.length === 0) return [];
        // One after the other: two appends side by side could mix their lines.
        const mine = turn.then(() => put(documents, signal));
        turn = mine.catch(() => undefined);
        await mine;
        return documents.map(() => DELIVERED);
      },
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
    await mkdir(isFolder ? path : dirname(path), { recursive: true });
    return isFolder;
  } catch (error) {
    throw new ConfigError(`sink.path: cannot write to ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function group(documents: readonly Document[], path: string, folder: boolean): Map<string, string> {
  const lines = new Map<string, string>();
  for (const { kind, json } of documents) {
    const file = folder ? join(path, `${fileName(kind)}.ndjson`) : path;
    lines.set(file, `${lines.get(file) ?? ''}${json}\n`);
  }
  return lines;
}

/** Kinds nobody has seen may hold anything: nothing of it may leave the folder. */
function fileName(kind: string): string {
  const safe = kind
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 100);
  return /[a-z0-9]/.test(safe) ? safe : 'other';
}

async function append(file: string, lines: string): Promise<void> {
  try {
    const handle = await open(file, 'a');
    try {
      await handle.appendFile(lines);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new UnavailableError(`cannot write to ${file}: ${(error as Error).message}`, { cause: error });
  }
}

async function print(lines: string): Promise<void> {
  if (!process.stdout.write(lines)) await once(process.stdout, 'drain');
}
