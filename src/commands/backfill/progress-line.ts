import stringWidth from 'string-width';
import { counted, grouped, lasting } from '../../terminal/words.ts';

/** How far a backfill has got. */
export interface Figures {
  /** By their names in the ledger. */
  readonly counts: ReadonlyMap<string, number>;
  readonly detections: number;
  readonly elapsedMs: number;
  /** Nothing more will come. */
  readonly ended: boolean;
}

/** Possible ends of a listed object. Objects that are not read are done as well. */
const SETTLED = [
  'read',
  'known',
  'outside',
  'of_other_shards',
  'ignored',
  'ours',
  'gone',
  'changed',
  'failed',
] as const;

const LONGEST_BAR = 30;
const SHORTEST_BAR = 6;

/**
 * One line of at most `columns` columns: a bar, how much of what was listed is done, detections, their rate, and the
 * time left.
 */
export function progressLine(figures: Figures, columns: number): string {
  const { counts, detections, elapsedMs, ended } = figures;
  const listed = counts.get('objects_listed') ?? 0;
  const settled = SETTLED.reduce((sum, name) => sum + (counts.get(`objects_${name}`) ?? 0), 0);
  const perSecond = Math.round((detections / Math.max(1, elapsedMs)) * 1_000);
  const flow = [counted(detections, 'detection'), `${grouped(perSecond)}/s`];
  // An API has no objects, and before the first page of a listing there is nothing to measure progress by.
  if (listed === 0) return fitting(flow, columns);
  const left = timeLeft(figures, Math.max(0, listed - settled));
  const words = [`${grouped(settled)} of ${counted(listed, 'object')}`, ...flow, ...left];
  // More may still be listed: only the end counts as everything.
  const share = Math.min(settled / listed, ended ? 1 : 0.99);
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const room = columns - stringWidth(words.join(' · ')) - percent.length - 2;
  if (room < SHORTEST_BAR) return fitting([percent.trim(), ...words], columns);
  const width = Math.min(LONGEST_BAR, room);
  const full = Math.floor(share * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${percent} ${words.join(' · ')}`;
}

/** Based on the objects that were read: the others take no time. */
function timeLeft({ counts, elapsedMs, ended }: Figures, objects: number): string[] {
  const read = counts.get('objects_read') ?? 0;
  if (ended || read === 0 || objects === 0) return [];
  return [`${lasting(Math.ceil((elapsedMs / 1_000 / read) * objects))} left`];
}

/** As many of the words as there is room for. */
function fitting(words: readonly string[], columns: number): string {
  let line = '';
  for (const word of words) {
    const next = line === '' ? word : `${line} · ${word}`;
    if (stringWidth(next) > columns) break;
    line = next;
  }
  return line;
}
