import { setTimeout as sleep } from 'node:timers/promises';

/** Spaces requests evenly across everything that shares it. */
export interface Pace {
  /** Resolves when the next request may go out. Rejects when `signal` is aborted. */
  turn(signal: AbortSignal): Promise<void>;
  /** No request goes out for this many milliseconds: the server asked for it. */
  pause(ms: number): void;
}

export function createPace(perSecond: number): Pace {
  const gap = 1_000 / perSecond;
  let next = 0;
  return {
    async turn(signal) {
      const now = performance.now();
      const at = Math.max(now, next);
      next = at + gap;
      if (at > now) await sleep(at - now, undefined, { signal });
    },
    pause(ms) {
      next = Math.max(next, performance.now() + ms);
    },
  };
}
