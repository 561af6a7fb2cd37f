import type { Log } from '../contracts/types.ts';

/**
 * Logs the same message once, then at most once in a while with a count, since senders decide how often it occurs.
 */
export type QuietLog = (
  level: 'warn' | 'error',
  about: string,
  fields: Record<string, unknown>,
  sentence: string,
) => void;

const EVERY_MS = 10_000;

export function createQuietLog(log: Log, everyMs = EVERY_MS, now = Date.now): QuietLog {
  const said = new Map<string, { at: number; repeats: number }>();
  return (level, about, fields, sentence) => {
    const last = said.get(about);
    if (last !== undefined && now() - last.at < everyMs) {
      last.repeats += 1;
      return;
    }
    const repeats = last?.repeats ?? 0;
    said.set(about, { at: now(), repeats: 0 });
    log[level]({ ...fields, ...(repeats > 0 && { repeats }) }, sentence);
  };
}
