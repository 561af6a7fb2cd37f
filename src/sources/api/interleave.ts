/**
 * Runs up to `width` iterators concurrently and yields their values as they arrive; each is asked for its next value
 * while the last one is being processed, and no further. The first error ends everything. Leaving early does not wait
 * for work in progress: abort that through its signal.
 */
export async function* interleave<T>(
  iterators: Iterable<AsyncGenerator<T>>,
  width: number,
): AsyncGenerator<T> {
  const waiting = iterators[Symbol.iterator]();
  const active = new Map<AsyncGenerator<T>, Promise<[AsyncGenerator<T>, IteratorResult<T>]>>();
  const ask = (iterator: AsyncGenerator<T>) => {
    const answer = iterator
      .next()
      .then((result): [AsyncGenerator<T>, IteratorResult<T>] => [iterator, result]);
    answer.catch(ignore);
    // Removed and added again, so that it goes after the others and none starves.
    active.delete(iterator);
    active.set(iterator, answer);
  };
  const fill = () => {
    while (active.size < width) {
      const next = waiting.next();
      if (next.done) return;
      ask(next.value);
    }
  };
  try {
    for (fill(); active.size > 0; fill()) {
      const [iterator, result] = await Promise.race(active.values());
      if (result.done) {
        active.delete(iterator);
        continue;
      }
      ask(iterator);
      yield result.value;
    }
  } finally {
    for (const iterator of active.keys()) iterator.return(undefined).catch(ignore);
  }
}

function ignore(): void {
  // The error is reported by another await of the same promise, or no longer matters.
}
