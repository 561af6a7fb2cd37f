import type { Sink } from '../../contracts/types.ts';

type Whole = Required<Pick<Sink, 'write' | 'stored' | 'reach' | 'close'>>;

/** A sink created by the first call that needs it, so that a run with nothing new does not load the client. */
export function whenNeeded(make: () => Promise<Whole>): Whole {
  let made: Promise<Whole> | undefined;
  const sink = (): Promise<Whole> => (made ??= make());
  return {
    write: async (documents, signal) => (await sink()).write(documents, signal),
    stored: async (documents, signal) => (await sink()).stored(documents, signal),
    reach: async (signal) => (await sink()).reach(signal),
    close: async () => (await made)?.close(),
  };
}
