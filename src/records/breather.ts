import { setImmediate } from 'node:timers/promises';

/** Long uninterrupted work delays signals and timers, and a lease that is not renewed is lost. */
const WORK_MS = 20;

export interface Breather {
  /** Lets everything else that is due run first. */
  (): Promise<void>;
  /** Work has gone on long enough that it is time for a break. */
  readonly due: boolean;
}

export function createBreather(): Breather {
  let since = performance.now();
  const breathe = async (): Promise<void> => {
    await setImmediate();
    since = performance.now();
  };
  return Object.defineProperty(breathe, 'due', {
    get: () => performance.now() - since > WORK_MS,
  }) as Breather;
}
