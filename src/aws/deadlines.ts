/** Calls that may take only so long. `ended` must be called for each that was added and did not pass its deadline. */
export interface Deadlines<T> {
  add(call: T): void;
  ended(call: T): void;
}

/** The same time for all, and one timer: a timer for each costs more than a small request. Does not delay exit. */
export function createDeadlines<T>(ms: number, passed: (call: T) => void): Deadlines<T> {
  /** When each is due. Since all have the same time, the oldest is first. */
  const due = new Map<T, number>();
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    timer = undefined;
    for (const [call, at] of due) {
      const left = at - performance.now();
      if (left > 0) {
        timer = setTimeout(look, left).unref();
        return;
      }
      due.delete(call);
      passed(call);
    }
  };

  return {
    add(call) {
      due.set(call, performance.now() + ms);
      timer ??= setTimeout(look, ms).unref();
    },
    ended: (call) => void due.delete(call),
  };
}
