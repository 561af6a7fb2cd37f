import type { Log } from '../contracts/types.ts';
import { printable } from '../text/printable.ts';

/**
 * Warns once per place, for as long as the source is open, if nothing at all was found there: a wrong prefix looks
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
