import type { Context } from '../contracts/component.ts';
import type { SourceContext } from '../contracts/source.ts';
import { printable } from '../text/printable.ts';

/**
 * Warns once per place, for as long as the source is open, if nothing at all was found there: a wrong prefix looks
 * like a day without detections. Silent where that is no sign of a mistake.
 */
export function createEmptyWarning(
  { log, mayBeEmpty }: Pick<Context & SourceContext, 'log' | 'mayBeEmpty'>,
  sentence: string,
): (place: string) => void {
  if (mayBeEmpty) return () => undefined;
  const told = new Set<string>();
  return (place) => {
    if (told.has(place)) return;
    told.add(place);
    log.warn({ place: printable(place) }, sentence);
  };
}
