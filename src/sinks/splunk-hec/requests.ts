import type { Item } from './deliver.ts';

/** Splits into requests of at most `maxBytes`; an item that is larger goes alone. */
export function chunksOf(items: readonly Item[], maxBytes: number): Item[][] {
  const chunks: Item[][] = [];
  let chunk: Item[] = [];
  let size = 0;
  for (const item of items) {
    const { bytes } = item.envelope;
    if (chunk.length > 0 && size + bytes > maxBytes) {
      chunks.push(chunk);
      chunk = [];
      size = 0;
    }
    chunk.push(item);
    size += bytes;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/**
 * Runs tasks in parallel. If one fails, the signal passed to them is aborted, all are awaited, and the first error
 * is thrown: nothing continues in the background after a stop.
 */
export async function guarded(
  signal: AbortSignal,
  start: (inner: AbortSignal) => readonly Promise<void>[],
): Promise<void> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const tasks = start(controller.signal).map((task) =>
      task.catch((error: unknown) => {
        controller.abort(error);
        throw error;
      }),
    );
    await Promise.allSettled(tasks);
    await Promise.all(tasks);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  if (signal.aborted) throw signal.reason;
}
