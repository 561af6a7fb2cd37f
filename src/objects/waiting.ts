/** Whichever came first: the value, the pause, or the abort. */
export type Waited<T> = { readonly value: T } | 'paused' | 'aborted';

/**
 * Waits for `promise`, but no longer than `pauseMs` (if given) or until `signal` is aborted. The same promise may
 * be waited for again. Leaves nothing attached to the signal: `Promise.race` against one long-lived promise would
 * grow for as long as the run lasts.
 */
export function waitFor<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  pauseMs: number | undefined,
): Promise<Waited<T>> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.resolve('aborted');
  }
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const aborted = (): void => finish('aborted');
    const clean = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    };
    const finish = (waited: Waited<T>): void => {
      clean();
      resolve(waited);
    };
    signal.addEventListener('abort', aborted, { once: true });
    if (pauseMs !== undefined) timer = setTimeout(() => finish('paused'), pauseMs);
    promise.then(
      (value) => finish({ value }),
      (error: unknown) => {
        clean();
        reject(error);
      },
    );
  });
}
