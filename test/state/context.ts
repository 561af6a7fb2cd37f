import { setMaxListeners } from 'node:events';
import type { Context } from '../../src/contracts/component.ts';
import type { Log } from '../../src/contracts/types.ts';

const quiet = (): void => undefined;
export const silent: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** A context whose retries end soon. */
export function testContext(maxElapsedMs = 2_000, abort = new AbortController().signal): Context {
  setMaxListeners(0, abort);
  return {
    log: silent,
    meter: { add: quiet },
    retry: { initialMs: 5, maxMs: 50, maxElapsedMs },
    abort,
  };
}
