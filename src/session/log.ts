import { type DestinationStream, pino } from 'pino';
import type { Log } from '../contracts/types.ts';
import { VERSION } from '../contracts/version.ts';
import { spoken } from '../redaction/spoken.ts';
import { withoutOwnSecrets } from '../text/own-secrets.ts';
import { escapedInJson } from '../text/printable.ts';

/** Moves to the first column and erases to the end of the line. */
const CLEAR_LINE = '\r\u001b[K';

/**
 * JSON lines, to stderr by default, written synchronously so that a crash loses none. They never contain a secret,
 * whatever a field quotes, nor anything that controls a terminal.
 */
export function createLog(level: string, to: DestinationStream = standardError()): Log {
  return pino(
    {
      level,
      base: { version: VERSION },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withoutSecrets },
      hooks: {
        logMethod(args, method) {
          const [fields, sentence] = args;
          if (typeof sentence === 'string') args[1] = spoken(sentence);
          else if (typeof fields === 'string') args[0] = spoken(fields);
          method.apply(this, args);
        },
      },
    },
    { write: (line: string) => to.write(escapedInJson(withoutOwnSecrets(line))) },
  );
}

function standardError(): DestinationStream {
  const to = pino.destination({ dest: 2, sync: true });
  if (!process.stderr.isTTY || process.env['TERM'] === 'dumb') return to;
  // A line that is redrawn, such as a backfill's progress, may be on the screen: the log line replaces it.
  return { write: (line) => void to.write(CLEAR_LINE + line) };
}

function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, cleaned(value)]));
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return spoken(value);
  return Array.isArray(value) ? value.map(cleaned) : value;
}
