import { afterAll, jest } from '@jest/globals';

/**
 * A clock that moves only when the test says so: `Date.now`, `performance.now`, timers, and the sleep of
 * `node:timers/promises`. Import the code under test after this (`await import(…)`).
 */
export function fakeClock(): { readonly pass: (ms: number) => Promise<void> } {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  jest.unstable_mockModule('node:timers/promises', () => ({
    setImmediate: () => new Promise<void>((resolve) => setImmediate(resolve)),
    setTimeout: sleep,
  }));
  afterAll(() => void jest.useRealTimers());
  return { pass: (ms) => jest.advanceTimersByTimeAsync(ms) };
}

function sleep<T>(ms: number, value?: T, options: { readonly signal?: AbortSignal } = {}): Promise<T> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer);
      reject(new DOMException('The operation was aborted', 'AbortError'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', leave);
      resolve(value as T);
    }, ms);
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave, { once: true });
  });
}
