import { setTimeout as sleep } from 'node:timers/promises';

/** Limits the load on a cluster: `take(n)` resolves when `n` more documents may be sent. */
export interface Limiter {
  take(documents: number, signal: AbortSignal): Promise<void>;
}

/** At most `perSecond` documents on average; callers are served in order. */
export function createLimiter(perSecond: number): Limiter {
  let free = Date.now();
  return {
    async take(documents, signal) {
      const now = Date.now();
      const start = Math.max(free, now);
      free = start + (documents / perSecond) * 1_000;
      if (start <= now) return;
      await sleep(start - now, undefined, { signal }).catch(() => {
        throw signal.reason;
      });
    },
  };
}
