import { ConfigError } from '../contracts/errors.ts';
import type { Sink } from '../contracts/types.ts';

/**
 * A sink that sends no heartbeat after it refused a write or a probe for a reason that the operator has to fix:
 * credentials, or a stream that `setup` did not create. The heartbeat would fail for the same reason, or create its
 * own stream from a foreign template.
 */
export function silentAfterRefusal(sink: Sink): Sink {
  let refused = false;
  const noting = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      refused ||= error instanceof ConfigError;
      throw error;
    }
  };
  const outer: Sink = { ...sink, write: (documents, signal) => noting(sink.write(documents, signal)) };
  if (sink.probe !== undefined) outer.probe = (signal) => noting(Promise.resolve(sink.probe?.(signal)));
  if (sink.heartbeat !== undefined)
    outer.heartbeat = async (beat, signal) => (refused ? undefined : sink.heartbeat?.(beat, signal));
  return outer;
}
