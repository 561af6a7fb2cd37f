import { bytes, MIB } from './bytes.ts';
import { duration } from './duration.ts';

/** For everything that sends requests. */
export const requestTimeout = duration('60s', { min: '10ms', max: '1d' }).describe(
  'How long a request may take until its reply is complete; after that it counts as failed and is retried. Reading an object may take longer, as long as more data arrives within this time.',
);

/** For sinks that send documents in requests. */
export function requestBytes(standard: number, more: string) {
  return bytes(standard, { min: 1_000, max: 100 * MIB }).describe(
    `Maximum size of a request body in bytes, before compression; ${more}`,
  );
}
