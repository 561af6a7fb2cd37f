import type { ResumePoint } from './object.ts';

/** Half-read objects kept: one is being read at a time; more only when one is read after the others, or after stops in several. */
const MAX_HALF_READ = 16;

/** Remembers where to go on in an object, the latest last; forgets the oldest when there are too many. */
export function leaveAt(halfRead: Map<string, ResumePoint>, point: ResumePoint): void {
  halfRead.delete(point.key);
  halfRead.set(point.key, point);
  if (halfRead.size <= MAX_HALF_READ) return;
  for (const oldest of halfRead.keys()) {
    halfRead.delete(oldest);
    return;
  }
}
