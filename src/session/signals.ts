import { setMaxListeners } from 'node:events';
import { UnavailableError } from '../contracts/errors.ts';

/** The two ways a run is asked to end. */
export interface Signals {
  /** First SIGTERM or SIGINT: stop reading, finish what is in flight. */
  readonly stop: AbortSignal;
  /** Second signal, grace over, or `abort()`: give up, ack nothing more. */
  readonly abort: AbortSignal;
  readonly giveUp: (reason: Error) => void;
  /** Takes the handlers off again. */
  readonly dispose: () => void;
}

export function listenForSignals(graceMs: number): Signals {
  const stop = new AbortController();
  const abort = new AbortController();
  // Each request under way listens: many at once are no leak.
  setMaxListeners(0, stop.signal, abort.signal);
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) {
      abort.abort(new UnavailableError(`stopped by a second ${name}; what was in flight is read again`));
      return;
    }
    stop.abort(new UnavailableError(`stopped by ${name}`));
    timer = setTimeout(() => {
      abort.abort(
        new UnavailableError(`what was in flight did not finish within ${graceMs} ms; it is read again`),
      );
    }, graceMs);
    timer.unref();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return {
    stop: stop.signal,
    abort: abort.signal,
    giveUp: (reason) => abort.abort(reason),
    dispose() {
      clearTimeout(timer);
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    },
  };
}

/** Aborted as soon as one of them is, with its reason; any number of requests may listen. */
export function anySignal(...signals: readonly AbortSignal[]): AbortSignal {
  const any = AbortSignal.any([...signals]);
  setMaxListeners(0, any);
  return any;
}
