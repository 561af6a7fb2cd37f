/** Runs at most `size` tasks at a time; the others wait. Limits sockets where an agent behind a proxy cannot. */
export function createWindow(size: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= size) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await task();
    } finally {
      // The slot is handed over rather than freed, so that no other task can slip in.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
