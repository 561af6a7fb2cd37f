/**
 * Runs up to `width` iterators at once and yields what they give, whoever is first; each is asked for its next value
 * while the last one is being worked on, never further. The first error ends it all. Leaving early does not wait for
 * what is under way: abort that by its signal.
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
    // Taken out and put in again: behind the others, so that nobody starves.
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
  // Told by whoever awaits the same promise, or nobody needs it any more.
}
