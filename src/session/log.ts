import { pino } from 'pino';
import type { Log } from '../contracts/types.ts';

/** JSON lines on stderr, written at once: a crash loses none. */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
