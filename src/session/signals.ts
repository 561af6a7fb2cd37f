import { setMaxListeners } from 'node:events';
import { UnavailableError } from '../contracts/errors.ts';

/** The two ways to ask a run to end. */
export interface Signals {
  /** First SIGTERM or SIGINT: stop reading and finish what is in flight. */
  readonly stop: AbortSignal;
  /** Second signal, end of the grace period, or `giveUp()`: give up and ack nothing more. */
  readonly abort: AbortSignal;
  readonly giveUp: (reason: Error) => void;
  /** Removes the handlers. */
  readonly dispose: () => void;
}

export function listenForSignals(graceMs: number): Signals {
  const stop = new AbortController();
  const abort = new AbortController();
  // Every request in flight adds a listener: many of them are not a leak.
  setMaxListeners(0, stop.signal, abort.signal);
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) {
      abort.abort(new UnavailableError(`stopped by a second ${name}; what was in flight will be read again`));
      return;
    }
    stop.abort(new UnavailableError(`stopped by ${name}`));
    timer = setTimeout(() => {
      abort.abort(
        new UnavailableError(`what was in flight did not finish within ${graceMs} ms; it will be read again`),
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

/** Aborts as soon as one of the signals does, with the same reason. Any number of requests may listen. */
export function anySignal(...signals: readonly AbortSignal[]): AbortSignal {
  const any = AbortSignal.any([...signals]);
  setMaxListeners(0, any);
  return any;
}
