import { bytes, MIB } from './bytes.ts';
import { duration } from './duration.ts';

/** For everything that sends requests. */
export const requestTimeout = duration('60s', { min: '10ms', max: '1d' }).describe(
  'How long a request may take until its reply is complete; then it counts as failed and is tried again. The content of an object may take longer, as long as more of it comes within this time.',
);

/** For sinks that send documents in requests. */
export function requestBytes(standard: number, more: string) {
  return bytes(standard, { min: 1_000, max: 100 * MIB }).describe(
    `Most bytes of one request's body, before compression; ${more}`,
  );
}
