import type { Route } from '../config/route.ts';
import { frameOf } from './frame.ts';
import type { Transform } from './transform.ts';

/** A transform whose `decode`, `filter`, `map` and `pages` may be used once `ready` has resolved. */
export interface LateTransform extends Transform {
  /** Loads and compiles whatever is missing. Throws as `transformFor` does. */
  readonly ready: () => Promise<void>;
}

/**
 * `transformFor` on demand: loading and compiling the code that turns records into documents takes a fifth of a run
 * with nothing new, which does not need it.
 */
export function transformWhenNeeded(route: Route): LateTransform {
  const frame = frameOf(route.config);
  let making: Promise<void> | undefined;
  let made: Transform | undefined;

  const make = async (): Promise<void> => {
    const { transformFor } = await import('./transform.ts');
    made = transformFor(route, {}, frame);
  };
  const whole = (): Transform => {
    if (made === undefined) throw new Error('a transform was used before it was ready');
    return made;
  };

  return {
    ...frame,
    ready: () => (making ??= make()),
    decode: (records, receivedMs) => whole().decode(records, receivedMs),
    filter: (detection) => whole().filter(detection),
    map: (detection) => whole().map(detection),
    pages: { open: () => whole().pages.open() },
  };
}
