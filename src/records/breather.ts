import { setImmediate } from 'node:timers/promises';

/** Long work in one go keeps signals and timers waiting: a lease that is not renewed is lost. */
const WORK_MS = 20;

export interface Breather {
  /** Lets whatever else is due have its turn. */
  (): Promise<void>;
  /** Worked for so long that it is time to. */
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
