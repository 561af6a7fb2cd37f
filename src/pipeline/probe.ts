import type { Sink } from '../contracts/types.ts';
import { anySignal, type Signals } from '../session/signals.ts';

/** A sink that is probed at the end of a pass that sent it nothing. */
export interface Probed {
  readonly sink: Sink;
  /** Its problem; undefined if it answered well, to a write or to the probe. Never throws. */
  readonly ask: (signals: Pick<Signals, 'stop' | 'abort'>) => Promise<unknown>;
}

export function probed(sink: Sink): Probed {
  let wasAsked = sink.probe === undefined;
  const write: Sink['write'] = (documents, signal) => {
    if (documents.length > 0) wasAsked = true;
    return sink.write(documents, signal);
  };
  return {
    sink: { ...sink, write },
    async ask({ stop, abort }) {
      if (wasAsked || stop.aborted) return undefined;
      try {
        await sink.probe?.(anySignal(stop, abort));
        return undefined;
      } catch (error) {
        if (abort.aborted) return abort.reason;
        // After a stop, the answer no longer matters.
        return stop.aborted ? undefined : error;
      }
    },
  };
}
