import type { Log } from '../contracts/types.ts';
import { printable } from '../text/printable.ts';

/**
 * Warns of a place in which nothing was found at all, once each for as long as the source is open: a wrong prefix looks
 * like a day without detections.
 */
export function createEmptyWarning(log: Log, sentence: string): (place: string) => void {
  const told = new Set<string>();
  return (place) => {
    if (told.has(place)) return;
    told.add(place);
    log.warn({ place: printable(place) }, sentence);
  };
}
