import { type DestinationStream, pino } from 'pino';
import type { Log } from '../contracts/types.ts';

/** JSON lines, on stderr unless told otherwise, written at once: a crash loses none. */
export function createLog(
  level: string,
  to: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    to,
  );
}
