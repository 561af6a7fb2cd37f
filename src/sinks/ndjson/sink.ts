import type { Context } from '../../contracts/component.ts';
import type { Document, Outcome, Sink } from '../../contracts/types.ts';
import { retry } from '../../io/retry.ts';
import { append, breaksOff } from './append.ts';
import type { NdjsonOptions } from './options.ts';
import { linesByFile, lookAt, prepare } from './place.ts';
import { print } from './stdout.ts';
import { storedIn } from './stored.ts';

const DELIVERED: Outcome = { fate: 'delivered' };

/**
 * Lines on disk, synced before they count as delivered. They are appended, so a batch that is sent again is stored
 * twice.
 */
export async function createNdjsonSink(
  { path }: NdjsonOptions,
  { meter, retry: policy, log }: Context,
): Promise<Sink> {
  const folder = path === '-' ? false : await prepare(path);
  const begun = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();
  const put = async (documents: readonly Document[], signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    for (const [file, lines] of linesByFile(documents, path, folder)) {
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
    async write(documents, signal) {
      if (documents.length === 0) return [];
      // One at a time: two concurrent appends could mix their lines.
      const mine = turn.then(() => put(documents, signal));
      turn = mine.catch(() => undefined);
      await mine;
      return documents.map(() => DELIVERED);
    },
    ...(path !== '-' && {
      stored: storedIn(path, folder),
      probe: (signal) =>
        retry(() => lookAt(path, folder), { policy, signal, what: `write to ${path}`, log, meter }),
    }),
  };
}
