import type { ResumePoint } from './object.ts';

/**
 * Half-read objects that are remembered. Objects are read one at a time, so there are several only if some are put
 * off, or after stops in several of them.
 */
const MAX_HALF_READ = 16;

/** Remembers where to resume in an object, the latest last; forgets the oldest if there are too many. */
export function leaveAt(halfRead: Map<string, ResumePoint>, point: ResumePoint): void {
  halfRead.delete(point.key);
  halfRead.set(point.key, point);
  if (halfRead.size <= MAX_HALF_READ) return;
  for (const oldest of halfRead.keys()) {
    halfRead.delete(oldest);
    return;
  }
}
